/// A model file as plain values, read word by word after docs/model-format.md.
///
/// It shares no code with the engine's loader, so that the two check each other. It expects a file
/// that the engine has opened; it traps on others.
public struct ReferenceModel: Sendable {
  package var inputMode: Int
  package var inputChannels: Int
  package var inputHeight: Int
  package var inputWidth: Int
  package var zeroPoints: [Int]
  package var poissonSeed: (low: UInt32, high: UInt32)
  package var timesteps: Int
  package var maximumTimesteps: Int
  /// Whether the second timestep looks at the picture's mirror image and begins afresh.
  package var looksAtMirror: Bool
  package var readOut: Int
  package var exit: Exit
  package var layers: [Layer]

  /// A layer; what a max pool does not have is zero or empty.
  package struct Layer: Sendable {
    package var isMaxPool: Bool
    package var channels: Int
    package var height: Int
    package var width: Int
    /// The channels of the spike map: those of every threshold.
    package var spikeChannels: Int
    package var connections: [Connection]
    package var membraneBits = 0
    /// The thresholds of a potential.
    package var thresholdCount = 0
    package var isOneHot = false
    package var reset = 0
    package var leak = 0
    package var leakMultiplier = 0
    package var leakShift = 0
    package var biasFractionBits = 0
    package var currentShift = 0
    /// For each threshold its values, one a channel.
    package var thresholds: [[Int]] = []
    package var resets: [[Int]] = []
    package var lowerClamps: [Int] = []
    package var upperClamps: [Int] = []
    package var initials: [Int] = []
    package var biases: [Int] = []
    /// The rule of a max pool.
    package var poolRule = 0
    /// The bits of a max pool's counters; 0 where it keeps none.
    package var counterBits = 0
    package var tileRows = 0
    package var tileColumns = 0
    /// Whether all potentials are there after the layer has run.
    package var keepsPotentials = false
    /// Whether a max pool runs inside the layer before it.
    package var isFused = false

    package var fires: Bool { !isMaxPool && thresholdCount > 0 }
  }

  /// Whether anything but the scores outlives a timestep.
  package var keepsState: Bool { maximumTimesteps > 1 && !looksAtMirror }

  package struct Exit: Sendable {
    package var kind: Int
    package var parameter: Int
    package var minimumMargin: Int
    package var minimumTimestep: Int
    package var table: [Int]
  }

  package struct Connection: Sendable {
    package var kind: Int
    package var source: Int
    package var poolHeight: Int
    package var poolWidth: Int
    package var poolStrideHeight: Int
    package var poolStrideWidth: Int
    package var poolPaddingTop: Int
    package var poolPaddingLeft: Int
    package var pooledHeight: Int
    package var pooledWidth: Int
    package var kernelHeight: Int
    package var kernelWidth: Int
    package var strideHeight: Int
    package var strideWidth: Int
    package var paddingTop: Int
    package var paddingLeft: Int
    package var groups: Int
    /// 1 scatter, 2 gather, 3 picture blocks, 4 gray lines; 0 for a max pool and for potentials.
    package var kernel: Int
    /// The bits of a weight; 0 where there are none.
    package var weightBits: Int
    /// `[output][input within its group][kernel row][kernel column]`, `[output][channel][row]
    /// [column]`, or one a channel.
    package var weights: [Int]
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
    looksAtMirror = file.word(40) == 1
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
    // A connection may read the spikes of a layer that comes later.
    let spikeChannels =
      [inputChannels]
      + (0..<file.word(5)).map { file.record(at: file.word(4), index: $0, words: 36)[8] }
    for index in 0..<file.word(5) {
      let record = file.record(at: file.word(4), index: index, words: 36)
      var layer = Layer(record, file: file, parameters: parameters)
      for c in 0..<record[7] {
        let words = file.record(at: file.word(6), index: record[6] + c, words: 24)
        let source = spikeChannels[words[1]]
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
