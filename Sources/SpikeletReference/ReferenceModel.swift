/// A model file as plain values, read word by word after docs/model-format.md.
///
/// It shares no code with the engine's loader, so that the two check each other. It expects a file
/// that the engine has opened; it traps on others.
public struct ReferenceModel: Sendable {
  public var inputMode: Int
  public var inputChannels: Int
  public var inputHeight: Int
  public var inputWidth: Int
  public var zeroPoints: [Int]
  public var poissonSeed: (low: UInt32, high: UInt32)
  public var timesteps: Int
  public var maximumTimesteps: Int
  public var readOut: Int
  public var exit: Exit
  public var layers: [Layer]

  /// A layer; what a max pool does not have is zero or empty.
  public struct Layer: Sendable {
    public var isMaxPool: Bool
    public var channels: Int
    public var height: Int
    public var width: Int
    /// The channels of the spike map: those of every threshold.
    public var spikeChannels: Int
    public var connections: [Connection]
    public var membraneBits = 0
    /// The thresholds of a potential.
    public var thresholdCount = 0
    public var isOneHot = false
    public var reset = 0
    public var leak = 0
    public var leakMultiplier = 0
    public var leakShift = 0
    public var biasFractionBits = 0
    public var currentShift = 0
    /// For each threshold its values, one a channel.
    public var thresholds: [[Int]] = []
    public var resets: [[Int]] = []
    public var lowerClamps: [Int] = []
    public var upperClamps: [Int] = []
    public var initials: [Int] = []
    public var biases: [Int] = []
    /// The rule of a max pool.
    public var poolRule = 0
    /// The bits of a max pool's counters; 0 where it keeps none.
    public var counterBits = 0
    public var tileRows = 0
    public var tileColumns = 0
    /// Whether all potentials are there after the layer has run.
    public var keepsPotentials = false
    /// Whether a max pool runs inside the layer before it.
    public var isFused = false

    public var fires: Bool { !isMaxPool && thresholdCount > 0 }
  }

  public struct Exit: Sendable {
    public var kind: Int
    public var parameter: Int
    public var minimumMargin: Int
    public var minimumTimestep: Int
    public var table: [Int]
  }

  public struct Connection: Sendable {
    public var kind: Int
    public var source: Int
    public var poolHeight: Int
    public var poolWidth: Int
    public var poolStrideHeight: Int
    public var poolStrideWidth: Int
    public var poolPaddingTop: Int
    public var poolPaddingLeft: Int
    public var pooledHeight: Int
    public var pooledWidth: Int
    public var kernelHeight: Int
    public var kernelWidth: Int
    public var strideHeight: Int
    public var strideWidth: Int
    public var paddingTop: Int
    public var paddingLeft: Int
    public var groups: Int
    /// 1 scatter, 2 gather, 3 picture blocks, 4 gray lines; 0 for a max pool.
    public var kernel: Int
    /// The bits of a weight; 0 for a max pool.
    public var weightBits: Int
    /// `[output][input within its group][kernel row][kernel column]`, `[output][channel][row]
    /// [column]`, or one a channel.
    public var weights: [Int]
  }
}

extension ReferenceModel {
  /// Reads a file.
  public init(_ bytes: [UInt8]) {
    let file = Words(bytes: bytes)
    precondition(file.word(0) == 0x4C4B_5053 && file.word(1) == 4, "not a model of version 4")
    inputMode = file.word(20)
    inputChannels = file.word(21)
    inputHeight = file.word(22)
    inputWidth = file.word(23)
    poissonSeed = (
      UInt32(truncatingIfNeeded: file.word(27)), UInt32(truncatingIfNeeded: file.word(28))
    )
    timesteps = file.word(29)
    maximumTimesteps = file.word(30)
    readOut = file.word(31)
    let parameters = file.word(10)
    exit = Exit(
      kind: file.word(35), parameter: file.word(36), minimumMargin: file.word(37),
      minimumTimestep: file.word(38),
      table: file.word(39) < 0
        ? [] : file.values(parameters + file.word(39), count: file.word(36), bits: 32))
    zeroPoints =
      inputMode == 0
      ? file.values(parameters + file.word(26), count: inputChannels, bits: 32)
      : [Int](repeating: 0, count: inputChannels)
    layers = []
    let channels = inputChannels
    for index in 0..<file.word(5) {
      let record = file.record(at: file.word(4), index: index, words: 36)
      var layer = Layer(record, file: file, parameters: parameters)
      for c in 0..<record[7] {
        let words = file.record(at: file.word(6), index: record[6] + c, words: 24)
        let source = words[1] == 0 ? channels : layers[words[1] - 1].spikeChannels
        layer.connections.append(
          Connection(
            words, file: file, weightsOffset: file.word(12), inputs: source,
            outputs: layer.channels, outputWidth: layer.width))
      }
      if layer.isFused { layers[index - 1].keepsPotentials = false }
      layers.append(layer)
    }
  }
}

extension ReferenceModel.Layer {
  fileprivate init(_ w: [Int], file: Words, parameters: Int) {
    isMaxPool = w[0] == 2
    (channels, height, width, spikeChannels) = (w[3], w[4], w[5], w[8])
    connections = []
    if isMaxPool {
      (poolRule, counterBits, isFused) = (w[12], w[13], w[15] == 1)
      return
    }
    (membraneBits, thresholdCount, isOneHot) = (w[12], w[13], w[14] == 1)
    (reset, leak, leakMultiplier, leakShift) = (w[15], w[16], w[17], w[18])
    (biasFractionBits, currentShift) = (w[19], w[20])
    let count = channels
    let bits = membraneBits
    func values(_ offset: Int, _ bits: Int) -> [Int] {
      file.values(parameters + offset, count: count, bits: bits)
    }
    let size = (count + 7) / 8 * 8 * bits / 8
    thresholds = (0..<thresholdCount).map { values(w[21] + $0 * size, bits) }
    resets = (0..<thresholdCount).map { values(w[22] + $0 * size, bits) }
    lowerClamps = values(w[23], bits)
    upperClamps = values(w[24], bits)
    initials = values(w[25], bits)
    biases = values(w[26], 32)
    (tileRows, tileColumns) = (w[31], w[32])
    keepsPotentials = tileRows == height && tileColumns == width
  }
}

/// Little-endian words of a file.
struct Words {
  let bytes: [UInt8]

  func word(_ index: Int) -> Int { values(index * 4, count: 1, bits: 32)[0] }

  func record(at offset: Int, index: Int, words: Int) -> [Int] {
    values(offset + index * words * 4, count: words, bits: 32)
  }

  /// Signed integers of 16 or 32 bits.
  func values(_ offset: Int, count: Int, bits: Int) -> [Int] {
    (0..<count).map { i in
      var value = 0
      for byte in 0..<bits / 8 { value |= Int(bytes[offset + i * bits / 8 + byte]) << (8 * byte) }
      return value >= 1 << (bits - 1) ? value - (1 << bits) : value
    }
  }
}
