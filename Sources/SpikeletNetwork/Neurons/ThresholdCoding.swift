/// What the spikes of a neuron with several thresholds say.
///
/// The spikes of threshold k are the channels from k · channels on of the layer's spike map.
public enum ThresholdCoding: Hashable, Sendable, CaseIterable {
  /// The spike of threshold k fires if the potential reaches threshold k.
  case thermometer
  /// The spike of threshold k fires if threshold k is the largest that the potential reaches.
  case oneHot
}
