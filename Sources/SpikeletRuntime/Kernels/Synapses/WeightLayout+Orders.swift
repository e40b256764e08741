// What is asked of every order of weights: its size, where a weight lies, and what leads to eight
// outputs.

extension WeightLayout {
  /// The layout of a gather.
  var gather: GatherLayout {
    GatherLayout(
      inputChannels: inputs, kernelHeight: kernelHeight, kernelWidth: kernelWidth,
      strideWidth: strideWidth, outputChannels: outputs, outputWidth: outputWidth, bits: bits)
  }

  /// The weights of a row of a `GrayLines` kernel, with zeros behind.
  static var grayLanes: Int { 40 }

  /// The bytes of all weights; where they cannot be counted no other number counts either.
  package var size: Size {
    let taps = Size(kernelHeight) * Size(inputs)
    switch order {
    case .byInput: return rowsSize
    case .byOutput: return taps * Size(gather.columns) * Size(padded(outputs) / 8 &* bits)
    case .pictureBlocks: return taps * Size(kernelWidth) * Size(padded(outputs))
    case .grayLines: return Size(kernelHeight) * Size(Self.grayLanes)
    }
  }

  /// Where a weight lies: its byte and, of that, its lowest bit.
  ///
  /// - Parameters:
  ///   - input: the channel of the source, of all groups; of a channelwise connection the output.
  package func position(
    output: Int, input: Int, row: Int, column: Int
  ) -> (byte: Int, bit: Int) {
    switch order {
    case .byInput:
      let start = offset(input: input, row: row, column: column)
      if kind == .channelwise { return (start, 0) }
      let index = groups == 1 ? output : output % rowLength
      return bits == 4 ? (start &+ index / 2, index % 2 &* 4) : (start &+ index &* bits / 8, 0)
    case .byOutput: return gather.position(output: output, input: input, row: row, column: column)
    case .pictureBlocks:
      let line = ((output / 8 &* kernelHeight &+ row) &* inputs &+ input) &* kernelWidth
      return ((line &+ phasePlace(column)) &* 8 &+ output % 8, 0)
    case .grayLines:
      let place = (kernelWidth &- 1 &- column) &* padded(outputs)
      return (row &* Self.grayLanes &+ place &+ output, 0)
    }
  }

  /// Whether 4-bit weights lie as 0…15, each plus 8.
  package var isRaised: Bool { order == .byOutput && bits == 4 }

  /// A byte of weights that are all 0.
  package var blank: UInt8 { isRaised ? 0x88 : 0 }

  /// Where a kernel column lies among those of its row: by phase, and in a phase the first is first.
  private func phasePlace(_ column: Int) -> Int {
    let phase = column % strideWidth
    var place = column / strideWidth
    for before in 0..<phase {
      place &+= (kernelWidth &- before &+ strideWidth &- 1) / strideWidth
    }
    return place
  }
}

/// The weights that lead to eight outputs: a line of eight for every tap of every input, `rows` times
/// `count` of them. What the overflow proof walks over, once a block of outputs.
struct WeightLines {
  private(set) var first: Int
  private(set) var step: Int
  private(set) var count: Int
  private(set) var rows = 1
  private(set) var rowStep = 0
  /// Where 4-bit weights of a gather lie in their bytes; nil for other weights.
  private var half: Half?

  private enum Half {
    case low
    case high
    /// Four bytes: the first four weights are the low halves.
    case both
  }

  init(_ layout: WeightLayout, block: Int) {
    switch layout.order {
    case .byInput:
      first = Weights.rowBytes(block &* 8, bits: layout.bits)
      step = layout.rowBytes
      count = layout.rowCount
    case .byOutput:
      let gather = layout.gather
      let tile = gather.tile(of: block &* 8)
      let lane = block &* 8 &- tile.first
      first = gather.offset(tile: tile.first)
      step = tile.lanes &* layout.bits / 8
      count = gather.rows
      if layout.bits == 8 {
        first &+= lane
      } else if tile.lanes == 8 {
        half = .both
      } else {
        half = lane < tile.lanes / 2 ? .low : .high
        first &+= lane % (tile.lanes / 2)
      }
    case .pictureBlocks:
      (step, count) = (8, layout.rowCount)
      first = block &* 8 &* count
    case .grayLines:
      (first, step, count) = (block &* 8, padded(layout.outputs), layout.kernelWidth)
      (rows, rowStep) = (layout.kernelHeight, WeightLayout.grayLanes)
    }
  }

  /// The weights of a line.
  @inline(__always)
  func load(_ weights: Weights, _ offset: Int) -> SIMD8<Int16> {
    guard let half else { return weights.lanes8(offset) }
    var bytes: SIMD8<UInt8>
    switch half {
    case .low: bytes = weights.region.load(offset, as: SIMD8<UInt8>.self) & 15
    case .high: bytes = weights.region.load(offset, as: SIMD8<UInt8>.self) &>> 4
    case .both:
      let pairs = weights.region.load(offset, as: SIMD4<UInt8>.self)
      bytes = SIMD8(lowHalf: pairs & 15, highHalf: pairs &>> 4)
    }
    return Int16.widen(SIMD8<Int8>(truncatingIfNeeded: bytes)) &- 8
  }

  /// The input channel of a line, counted over all rows.
  @inline(never)
  static func input(_ layout: WeightLayout, ofLine line: Int) -> Int {
    switch layout.order {
    case .byInput:
      layout.kind == .dense
        ? line % layout.inputs : line / (layout.kernelHeight &* layout.kernelWidth)
    case .byOutput, .pictureBlocks: line / layout.kernelWidth % layout.inputs
    case .grayLines: 0
    }
  }
}

extension WeightLayout {
  /// Whether the bytes between the weights, which a kernel adds as well, are weights of 0.
  func hasCleanPadding(_ weights: ReadRegion) -> Bool {
    switch order {
    case .byInput, .pictureBlocks: return true
    case .byOutput:
      let gather = gather
      guard gather.isGrouped else { return true }
      // Three columns before those of a kernel's row and three behind, of sixteen lanes each.
      let line = bits &* 2
      let (width, row) = (3 &* line, gather.columns &* line)
      var start = 0
      for _ in 0..<kernelHeight &* inputs {
        guard areBlank(weights, start, width), areBlank(weights, start &+ row &- width, width)
        else { return false }
        start &+= row
      }
      return true
    case .grayLines:
      let used = kernelWidth &* padded(outputs)
      for row in 0..<kernelHeight {
        guard areBlank(weights, row &* Self.grayLanes &+ used, Self.grayLanes &- used) else {
          return false
        }
      }
      return true
    }
  }

  private func areBlank(_ weights: ReadRegion, _ start: Int, _ count: Int) -> Bool {
    for offset in start..<start &+ count {
      if weights.load(offset, as: UInt8.self) != blank { return false }
    }
    return true
  }
}
