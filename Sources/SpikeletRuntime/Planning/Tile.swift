/// The part of a layer's map whose potentials exist at the same time.
///
/// A model of several timesteps keeps all of them. A model of one timestep needs no potential once
/// its neuron has fired, so a layer runs tile by tile in a few rows of membranes, or a part of one
/// row. To a convolution a tile is a smaller map with another padding.
struct Tile {
  var top: Int
  var left: Int
  var height: Int
  var width: Int

  /// The tile of a layer, less at the map's end, at a position of the map.
  init(_ neurons: NeuronRecord, top: Int, left: Int) {
    (self.top, self.left) = (top, left)
    height = min(Int(neurons.tileRows), Int(neurons.height) &- top)
    width = min(Int(neurons.tileColumns), Int(neurons.width) &- left)
  }

  var sites: Int { height &* width }
}
