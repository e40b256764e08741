/// A trained network as a graph of float operations in topological order.
///
/// The importers produce it, the compiler converts it, the float simulator runs it. Node 0 is the
/// input; every other node names earlier nodes as its inputs. Every node has exactly one output.
public struct Network: Sendable {
  /// What a node computes. Weights are stored as the source stores them.
  public enum Operation: Sendable {
    case input
    case convolution(Convolution)
    case dense(Dense)
    /// Batch normalization with frozen statistics, one set of parameters a channel.
    case batchNormalization(BatchNormalization)
    /// `max(x, 0)`, and `min(…, ceiling)` where a ceiling is given (a clipped ReLU).
    case relu(ceiling: Float?)
    /// Spikes: 1 where a value exceeds a trained threshold, otherwise 0.
    case threshold(Threshold)
    /// The mean over a window. With `countsPadding`, zeros of the padding count in the divisor;
    /// otherwise the divisor is the number of positions inside the input.
    case averagePool(Window, countsPadding: Bool)
    /// The largest value in a window. Padding is never the largest, whatever the signs.
    case maxPool(Window)
    /// Rows and columns become channels, in the order channel, row, column.
    case flatten
    /// The element-wise sum of all inputs, which have equal shapes.
    case add
    /// All inputs side by side along the channel axis.
    case concatenate
    /// The spikes that the thresholds of a name fired one timestep before, and none at the first: an
    /// edge that leads back. It has no inputs, and the node that it names comes later.
    case delayed(String)
  }

  /// One operation on the values of earlier nodes.
  public struct Node: Sendable {
    /// The name in the source file, for messages.
    public var name: String
    /// What it computes.
    public var operation: Operation
    /// Indices of earlier nodes.
    public var inputs: [Int]
    /// The shape of its values.
    public var shape: Shape

    /// Makes a node of all its parts.
    public init(name: String, operation: Operation, inputs: [Int], shape: Shape) {
      self.name = name
      self.operation = operation
      self.inputs = inputs
      self.shape = shape
    }
  }

  /// The network's name, for messages.
  public var name: String
  /// Nodes in topological order, the input first.
  public var nodes: [Node]
  /// The index of the node whose values are the class scores.
  public var output: Int
  /// The timesteps that the network was trained for, where the file says so. The nodes compute one.
  public var timesteps: Int?
  /// What the scores lose from one timestep to the next, where the file says so: they are then those
  /// of a leaky potential that never fires. Nil where they add up.
  public var scoresLeak: Membrane.Leak?
  /// The synaptic current that the scores take in, where they are potentials behind one.
  public var scoresSynapse: Synapse?
  /// What the import could not keep exactly, one sentence each.
  public var notes: [String]
  /// How the importer read what its file leaves open; nil for files that leave nothing open.
  public var interpretation: Interpretation?

  /// Makes a network of its nodes; `output` is the index of the node with the class scores.
  public init(
    name: String, nodes: [Node], output: Int, timesteps: Int? = nil, notes: [String] = []
  ) {
    self.name = name
    self.nodes = nodes
    self.output = output
    self.timesteps = timesteps
    self.notes = notes
  }

  /// The shape of the picture that the network reads.
  public var inputShape: Shape { nodes[0].shape }
  /// The shape of the class scores.
  public var outputShape: Shape { nodes[output].shape }

  /// The names of the nodes whose spikes come back one timestep later.
  public var delayedNames: Set<String> {
    Set(nodes.compactMap { if case .delayed(let name) = $0.operation { name } else { nil } })
  }

  /// The same network without the nodes that the output does not depend on.
  public func withoutUnusedNodes() -> Network {
    var isUsed = [Bool](repeating: false, count: nodes.count)
    isUsed[0] = true
    isUsed[output] = true
    var isChanged = true
    while isChanged {
      isChanged = false
      for index in nodes.indices.reversed() where isUsed[index] {
        for input in nodes[index].inputs { isUsed[input] = true }
        // What comes back comes from a later node.
        guard case .delayed(let name) = nodes[index].operation else { continue }
        for later in index..<nodes.count where nodes[later].name == name && !isUsed[later] {
          isUsed[later] = true
          isChanged = true
        }
      }
    }
    var position = [Int](repeating: -1, count: nodes.count)
    var result = self
    result.nodes = []
    for index in nodes.indices where isUsed[index] {
      position[index] = result.nodes.count
      var node = nodes[index]
      node.inputs = node.inputs.map { position[$0] }
      result.nodes.append(node)
    }
    result.output = position[output]
    return result
  }
}

extension Network {
  /// A two-dimensional convolution (cross-correlation, as every framework means it).
  public struct Convolution: Sendable {
    /// How the kernel visits its input.
    public var window: Window
    /// Groups of channels that do not see each other; both channel counts are multiples of it.
    public var groups: Int
    /// The channels of the input, all groups together.
    public var inputChannels: Int
    /// The channels of the output, all groups together.
    public var outputChannels: Int
    /// `[output channel][input channel within its group][kernel row][kernel column]`
    public var weights: [Float]
    /// One value an output channel; zeros when the source has no bias.
    public var bias: [Float]
    /// How many outputs of the trained convolution each output is the mean of: more than 1 where an
    /// average pool after it was taken in.
    public var foldedPoolArea = 1

    /// Makes a convolution; the counts of weights and biases must be those of its shape.
    public init(
      window: Window, groups: Int = 1, inputChannels: Int, outputChannels: Int,
      weights: [Float], bias: [Float]
    ) {
      self.window = window
      self.groups = groups
      self.inputChannels = inputChannels
      self.outputChannels = outputChannels
      self.weights = weights
      self.bias = bias
    }
  }

  /// A fully connected layer on a vector.
  public struct Dense: Sendable {
    /// The length of the input vector.
    public var inputs: Int
    /// The length of the output vector.
    public var outputs: Int
    /// `[output][input]`
    public var weights: [Float]
    /// One value an output; zeros when the source has no bias.
    public var bias: [Float]

    /// Makes a layer; the counts of weights and biases must be those of its shape.
    public init(inputs: Int, outputs: Int, weights: [Float], bias: [Float]) {
      self.inputs = inputs
      self.outputs = outputs
      self.weights = weights
      self.bias = bias
    }
  }

  /// `y = scale · (x − mean) / √(variance + epsilon) + bias`, a channel at a time.
  public struct BatchNormalization: Sendable {
    /// One factor a channel.
    public var scale: [Float]
    /// One summand a channel.
    public var bias: [Float]
    /// The frozen mean of each channel.
    public var mean: [Float]
    /// The frozen variance of each channel.
    public var variance: [Float]
    /// The epsilon that the layer was trained with.
    public var epsilon: Float

    /// Makes a normalization of one value a channel each.
    public init(
      scale: [Float], bias: [Float], mean: [Float], variance: [Float], epsilon: Float
    ) {
      self.scale = scale
      self.bias = bias
      self.mean = mean
      self.variance = variance
      self.epsilon = epsilon
    }
  }
}
