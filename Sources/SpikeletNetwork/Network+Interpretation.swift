extension Network {
  /// How an importer read what its file leaves open, and what became of it.
  public struct Interpretation: Sendable {
    /// The answers to what the file leaves open.
    public var semantics: NeuronSemantics
    /// The version of the format that the file names; empty where it names none.
    public var version: String
    /// The neurons in the order of the network.
    public var neurons: [Neuron]

    /// What became of one node of neurons.
    public struct Neuron: Sendable {
      /// The name of the node in the file, which is that of the network's node as well.
      public var name: String
      /// Its type in the file.
      public var type: String
      /// Its parameters, such as "tau 0.0025, r 1".
      public var parameters: String
      /// What is left of a potential after a timestep, as the file's numbers say; 1 for all of it.
      public var factor: Double
      /// The same in whole numbers: a multiplier over a power of two; nil where nothing leaks.
      public var leak: Membrane.Leak?
      /// What a potential takes in of a current: the smallest and the largest value.
      public var gain: ClosedRange<Double>
      /// The thresholds in units of the current: the smallest and the largest value; nil for neurons
      /// that never fire.
      public var threshold: ClosedRange<Double>?
      /// The synaptic current that it keeps beside its potential; nil for none.
      public var synapse: Synapse?

      /// Makes a node's account of its parts.
      public init(
        name: String, type: String, parameters: String, factor: Double, leak: Membrane.Leak?,
        gain: ClosedRange<Double>, threshold: ClosedRange<Double>?, synapse: Synapse? = nil
      ) {
        self.name = name
        self.type = type
        self.parameters = parameters
        self.factor = factor
        self.leak = leak
        self.gain = gain
        self.threshold = threshold
        self.synapse = synapse
      }

      /// The factor of the whole numbers.
      public var integerFactor: Double {
        leak.map { Double($0.multiplier) / Double(1 << $0.shift) } ?? 1
      }

      /// By what share the whole numbers leak more (or, below 0, less) than the file says; nil where
      /// nothing leaks.
      public var leakError: Double? {
        factor < 1 ? (1 - integerFactor) / (1 - factor) - 1 : nil
      }
    }

    /// What became of a synaptic current.
    public struct Synapse: Sendable {
      /// What is left of it after a timestep, as the file's numbers say.
      public var factor: Double
      /// The same in whole numbers; nil where nothing leaks.
      public var leak: Membrane.Leak?
      /// What it takes in of an input: the smallest and the largest value.
      public var gain: ClosedRange<Double>

      /// Makes an account of its parts.
      public init(factor: Double, leak: Membrane.Leak?, gain: ClosedRange<Double>) {
        self.factor = factor
        self.leak = leak
        self.gain = gain
      }

      /// The factor of the whole numbers.
      public var integerFactor: Double {
        leak.map { Double($0.multiplier) / Double(1 << $0.shift) } ?? 1
      }

      /// By what share the whole numbers leak more (or, below 0, less) than the file says; nil where
      /// nothing leaks.
      public var leakError: Double? {
        factor < 1 ? (1 - integerFactor) / (1 - factor) - 1 : nil
      }
    }

    /// Makes an account of its parts.
    public init(semantics: NeuronSemantics, version: String, neurons: [Neuron]) {
      self.semantics = semantics
      self.version = version
      self.neurons = neurons
    }
  }
}
