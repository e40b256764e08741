import SpikeletRuntime
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Sizes at and around every limit, against 128-bit arithmetic that shares nothing with the runtime:
/// a size that the runtime names is the true one, and one that does not fit 31 bits has no number.
@Suite struct SizeOracleTests {
  /// The records of one layer after the input, and its one connection.
  private struct Records: RecordSource {
    var header = ModelHeader()
    var source = NeuronRecord()
    var record = NeuronRecord()
    var pool = MaxPoolRecord()
    var isPool = false
    var link = ConnectionRecord()

    func layer(_ index: Int) -> LayerRecord {
      index == 0 ? source.layer : isPool ? pool.layer : record.layer
    }
    func neurons(_ index: Int) -> NeuronRecord { index == 0 ? source : record }
    func maxPool(_ index: Int) -> MaxPoolRecord { pool }
    func connection(_ index: Int) -> ConnectionRecord { link }
  }

  private static let extents: [Int32] = [
    1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 255, 256, 257, 4095, 4096, 8191, 8192, 16_387, 32_767,
    32_768, 46_340, 46_341, 65_534, 65_535,
  ]

  private var random = SeededRandom(seed: 0x512E)

  private mutating func extent() -> Int32 {
    random.chance(3)
      ? Int32(random.pick(1...65_535))
      : Self.extents[
        random.pick(0...Self.extents.count - 1)]
  }

  private static func wide(_ factors: Int32...) -> Int128 {
    factors.reduce(1) { $0 * Int128($1) }
  }

  private static func lanes(_ channels: Int32) -> Int128 { (Int128(channels) + 7) / 8 * 8 }

  private static func siteBytes(_ channels: Int32) -> Int128 {
    let bytes = (Int128(channels) + 7) / 8
    return bytes <= 2 ? bytes : (bytes + 3) / 4 * 4
  }

  private func expect(_ size: Size, _ truth: Int128, _ what: String) {
    let number = truth <= Int128(Int32.max) ? Int32(truth) : nil
    #expect(size.value == number, "\(what): \(truth)")
  }

  @Test mutating func buffersHaveTheirTrueSizeOrNone() {
    var fits = 0
    for _ in 0..<20_000 {
      var records = Records()
      (records.header.layerCount, records.header.connectionCount) = (2, 1)
      records.header.maximumTimesteps = random.chance(2) ? 1 : 300
      records.header.inputMode = random.chance(2) ? 0 : 1
      records.header.workers = Int32(random.pick(1...16))
      let (channels, height, width) = (extent(), extent(), extent())
      records.source.layer.spikeChannels = channels
      (records.source.layer.height, records.source.layer.width) = (height, width)
      records.link.source = 1
      records.pool.counterBits = random.chance(2) ? 8 : 16
      records.isPool = true
      let bits = records.pool.counterBits
      let counts = Self.wide(height, width, channels, bits / 8)
      expect(records.requiredBytes(.counts, layer: 1), counts, "counters")
      let spikes = Self.wide(height, width) * Self.siteBytes(channels)
      expect(records.requiredBytes(.spikes, layer: 0), spikes, "spikes")

      records.isPool = false
      records.record.layer.channels = channels
      (records.record.tileRows, records.record.tileColumns) = (height, width)
      records.record.membraneBits = random.chance(2) ? 16 : 32
      records.record.currentShift = Int32(random.pick(0...3))
      let width8 = Self.lanes(channels) * Int128(width)
      let potentials = width8 * Int128(height) * Int128(records.record.membraneBits / 8)
      expect(records.requiredBytes(.current, layer: 1), potentials, "current")
      expect(records.requiredBytes(.membrane, layer: 1), potentials, "membranes")
      expect(records.requiredBytes(.scores, layer: 1), Int128(channels) * 4, "scores")
      records.link.source = 0
      records.header.inputMode = 0
      var sums = width8 * 4 * (records.header.maximumTimesteps > 1 ? 1 : Int128(height))
      if records.record.membraneBits == 16, records.record.currentShift == 0 { sums = 0 }
      expect(records.requiredBytes(.membrane, layer: 1), max(potentials, sums), "sums")
      fits += potentials <= Int128(Int32.max) ? 1 : 0
    }
    #expect(2000...18_000 ~= fits, "\(fits) of 20,000 fit: neither all nor none may")
  }

  @Test mutating func weightsHaveTheirTrueSizeOrNone() {
    var fits = 0
    for _ in 0..<20_000 {
      var connection = ConnectionRecord()
      connection.kind = Int32(random.pick(1...3))
      connection.weightBits = [4, 8, 16][random.pick(0...2)]
      let groups: Int32 = random.chance(3) ? Int32(random.pick(2...16)) : 1
      let inputs = extent() / groups * groups
      let outputs = extent() / groups * groups
      guard inputs > 0, outputs > 0 else { continue }
      let (height, width) = (random.chance(2) ? 3 : extent(), random.chance(2) ? 3 : extent())
      connection.window.height = height
      connection.window.width = width
      connection.window.groups = groups
      connection.window.strideWidth = Int32(random.pick(1...3))
      (connection.pooledHeight, connection.pooledWidth) = (height, width)
      if connection.kind == ConnectionKind.channelwise.rawValue {
        connection.weightBits = random.chance(2) ? 16 : 32
      }
      let bits = Int128(connection.weightBits)
      let isGrouped = connection.kind == ConnectionKind.convolution.rawValue && groups > 1
      let row = isGrouped ? Int128(outputs / groups) : Self.lanes(outputs)
      let rowBytes = (row * bits + 7) / 8
      let truth =
        connection.kind == ConnectionKind.channelwise.rawValue
        ? rowBytes : Self.wide(inputs, height, width) * rowBytes
      let layout = WeightLayout(
        connection, inputs: Int(inputs), outputs: Int(outputs), outputWidth: 1)
      expect(layout.size, truth, "weights of kind \(connection.kind)")
      fits += truth <= Int128(Int32.max) ? 1 : 0
    }
    #expect(2000...18_000 ~= fits, "\(fits) of 20,000 fit: neither all nor none may")
  }

  @Test mutating func otherOrdersHaveTheirTrueSizeOrNone() {
    for _ in 0..<20_000 {
      var connection = ConnectionRecord()
      let order = random.pick(2...4)
      connection.kind = ConnectionKind.convolution.rawValue
      connection.weightOrder = Int32(order)
      connection.weightBits = order == 2 && random.chance(2) ? 4 : 8
      let (inputs, outputs) = (extent(), extent())
      let (height, width) = (random.chance(2) ? 3 : extent(), random.chance(2) ? 3 : extent())
      (connection.window.height, connection.window.width) = (height, width)
      (connection.window.groups, connection.window.strideWidth) = (1, 1)
      // Of 9 to 16 outputs four sites side by side are one.
      let beside: Int128 = order == 2 && Self.lanes(outputs) == 16 ? 6 : 0
      let taps = Int128(height) * Int128(inputs) * (Int128(width) + beside)
      let truth =
        order == 4
        ? Int128(height) * 40 : taps * Self.lanes(outputs) * Int128(connection.weightBits) / 8
      let layout = WeightLayout(
        connection, inputs: Int(inputs), outputs: Int(outputs), outputWidth: 4)
      expect(layout.size, truth, "weights in order \(order)")
    }
  }

  @Test mutating func scratchHasItsTrueSize() {
    var fits = 0
    for _ in 0..<20_000 {
      var records = Records()
      (records.header.layerCount, records.header.connectionCount) = (2, 1)
      records.header.workers = Int32(random.pick(1...16))
      records.record.layer.kind = LayerKind.neurons.rawValue
      (records.record.layer.firstConnection, records.record.layer.connectionCount) = (0, 1)
      records.source.layer.spikeChannels = random.chance(2) ? Int32(random.pick(1...300)) : extent()
      var link = ConnectionRecord()
      link.kind = ConnectionKind.convolution.rawValue
      (link.source, link.kernel, link.weightBits) = (1, SynapseKernel.gather.rawValue, 8)
      link.weightOrder = WeightOrder.byOutput.rawValue
      (link.poolHeight, link.poolWidth) = (Int32(random.pick(1...3)), Int32(random.pick(1...3)))
      (link.pooledHeight, link.pooledWidth) = (extent(), Int32(random.pick(1...300)))
      link.window.height = Int32(random.pick(1...5))
      link.window.width = Int32(random.pick(1...5))
      (link.window.strideHeight, link.window.strideWidth) = (1, 1)
      link.window.paddingLeft = Int32(random.pick(0...5))
      link.window.groups = 1
      (records.record.layer.channels, records.record.layer.width) = (20, link.pooledWidth)
      records.record.layer.height = link.pooledHeight
      records.record.tileRows = Int32(random.pick(1...Int(link.pooledHeight)))
      link.listRows = random.chance(4) ? Int32(random.pick(0...5)) : link.pooledHeight
      records.link = link
      let area = Int128(link.poolHeight) * Int128(link.poolWidth)
      let right = max(0, link.window.width - 1 - link.window.paddingLeft)
      let starts = Int128(link.window.paddingLeft + link.pooledWidth + 1 + right)
      let row = Int128(records.source.layer.spikeChannels) * Int128(link.pooledWidth)
      let isCounted = area > 1
      let words = isCounted ? starts * 2 + row * ((area + 6) / 7) : starts + row
      let truth = words * 2 * Int128(link.listRows)
      let isRight =
        words <= 65_535 && row * area <= 65_535 && row <= (isCounted ? 8191 : 65_535)
        && truth <= Int128(Int32.max) && 1...link.pooledHeight ~= link.listRows
      #expect(records.suits(.gather, link, of: records.record) == isRight)
      fits += isRight ? 1 : 0
      guard isRight else { continue }
      expect(
        records.requiredBytes(.scratch, layer: 1), truth * Int128(records.header.workers), "list")
    }
    #expect(2000...18_000 ~= fits, "\(fits) of 20,000 fit: neither all nor none may")
  }

  @Test func sizesStayTooLarge() {
    let limit = Size(Int32.max)
    #expect((limit * 1).value == Int32.max)
    #expect((limit + Size(Int32(1))).value == nil)
    #expect((limit + Size(Int32(1)) + Size(Int32(0))).value == nil)
    #expect((Size(Int32(65_536)) * 65_536 * Size(Int32(0))).value == nil)
    #expect(Size(Int32(-1)).value == nil && Size(Int32.min).value == nil)
    #expect(Size(Int(Int32.max) + 1).value == nil)
    #expect(limit.aligned(to: 16).value == nil)
    #expect(Size(Int32.max - 15).aligned(to: 16).value == Int32.max - 15)
    #expect(!(Size.tooLarge == Int32(-1)))
    #expect(!Size.tooLarge.fits(Int32.max) && limit.fits(Int32.max))
    #expect(Size.maximum(.tooLarge, limit).value == nil)
  }
}
