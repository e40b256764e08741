import CBoardPlatform
import SpikeletRuntime

/// The constants of IDX, the format of MNIST: big-endian words, then bytes.
enum IDX {
  static var images: UInt32 { 0x803 }
  static var colours: UInt32 { 0x804 }
  static var labels: UInt32 { 0x801 }
  static var maximumCount: UInt32 { 10_000_000 }
  static var maximumSide: UInt32 { 4096 }
}

/// Pictures of a file or of standard input, read one at a time so that a run needs memory for one.
///
/// The first bytes say what they are: IDX of 3 or 4 dimensions, a NumPy array of unsigned bytes,
/// PGM or PPM pictures one after the other, or else raw pictures.
struct PictureFile: ~Copyable {
  let name: FileName
  /// The number of pictures; nil where only the end tells.
  let count: UInt32?
  private let needed: PictureShape
  private let layout: Layout
  private var source: ByteSource
  private var pixels: Memory
  /// Where pixels are read to that are not yet in the order channel, row, column.
  private var mixed: Memory
  private var index: UInt32 = 0

  /// How the bytes of a picture lie.
  enum Layout { case planes, pixels, portable }

  /// Opens a file, or standard input for "-", whose pictures have to fit a model.
  ///
  /// - Parameters:
  ///   - frames: of recordings of events, the frames of each.
  ///   - isAwaited: whether somebody sends a picture, waits for its answer, and only then sends another:
  ///     nothing beyond a picture may be asked for.
  init(
    _ name: FileName, for model: Model, frames: Int32? = nil, isAwaited: Bool = false
  ) throws(BoardError) {
    let header = model.header
    var needed = PictureShape(
      channels: UInt32(bitPattern: header.inputChannels),
      height: UInt32(bitPattern: header.inputHeight),
      width: UInt32(bitPattern: header.inputWidth))
    var size = model.inputCount
    if let frames {
      needed = PictureShape(
        channels: 1, height: UInt32(bitPattern: frames), width: UInt32(truncatingIfNeeded: size))
      size &*= Int(frames)
    }
    var source = try ByteSource(name, lookahead: isAwaited ? min(16, size) : 16)
    let opened = try PictureHeader.read(&source, name, needed, size: size)
    let isMixed = opened.layout == .pixels || opened.layout == .portable && needed.channels > 1
    let pixels = try Memory(byteCount: size)
    let mixed = try Memory(byteCount: isMixed ? size : 0)
    self.name = name
    self.needed = needed
    self.source = source
    self.pixels = pixels
    self.mixed = mixed
    layout = opened.layout
    count = opened.count
  }

  /// Reads the next picture; `current` has it then. False after the last one.
  ///
  /// - Parameter mayBeNone: whether there need not be a first one.
  mutating func advance(orNone mayBeNone: Bool = false) throws(BoardError) -> Bool {
    if let count, index == count { return false }
    if layout == .portable {
      guard try PictureHeader.readPortable(&source, name, needed, index: index) else {
        return false
      }
    }
    let isMixed = layout == .pixels || layout == .portable && needed.channels > 1
    let size = pixels.bytes.byteCount
    let read = isMixed ? source.fill(&mixed) : source.fill(&pixels)
    if read == 0, index > 0 || mayBeNone, count == nil, layout != .portable { return false }
    guard read == size else {
      throw BoardError.cut(name, image: index, needed: size, given: read)
    }
    if isMixed {
      pixels.sort(mixed, channels: Int(truncatingIfNeeded: needed.channels))
    }
    index &+= 1
    return true
  }

  /// The picture that was read last, in the order channel, row, column.
  var current: Span<UInt8> {
    @_lifetime(borrow self)
    get { pixels.pixels }
  }

  static func check(
    _ file: FileName, _ dimension: StaticString, _ given: UInt32, _ limit: UInt32
  ) throws(BoardError) {
    guard given >= 1, given <= limit else {
      throw BoardError.dimension(file, dimension, given: given, limit: limit)
    }
  }

  /// Checks that a file holds exactly its header and `count` records.
  static func check(
    _ file: FileName, byteCount: Int, header: UInt32, count: UInt32, size: UInt32
  ) throws(BoardError) {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
    let (needed, carry) = bytes.addingReportingOverflow(header)
    guard !overflow, !carry else {
      throw BoardError.length(file, needed: nil, given: byteCount)
    }
    guard needed == UInt32(truncatingIfNeeded: byteCount) else {
      throw BoardError.length(file, needed: needed, given: byteCount)
    }
  }
}

/// The labels of the pictures, read one at a time.
struct LabelFile: ~Copyable {
  private let name: FileName
  private var source: ByteSource
  private var index: UInt32 = 0
  private let count: UInt32

  /// Opens a file with as many labels as there are pictures.
  init(_ name: FileName, for pictures: borrowing PictureFile) throws(BoardError) {
    var source = try ByteSource(name)
    let magic = source.firstWord
    let byteCount = source.byteCount ?? 0
    guard magic == IDX.labels || byteCount < 4 else {
      throw BoardError.magic(name, needed: IDX.labels, given: magic)
    }
    guard byteCount >= 8 else { throw BoardError.header(name, needed: 8, given: byteCount) }
    _ = source.word()
    let count = source.word()
    try PictureFile.check(name, "number of labels", count, IDX.maximumCount)
    try PictureFile.check(name, byteCount: byteCount, header: 8, count: count, size: 1)
    if let images = pictures.count, images != count {
      throw BoardError.labelCount(pictures.name, images: images, labels: count, in: name)
    }
    self.name = name
    self.source = source
    self.count = count
  }

  /// Checks that there was a label for each picture of a file that did not say its number.
  func finish(_ images: UInt32, _ pictures: FileName) throws(BoardError) {
    guard images == count else {
      throw BoardError.labelCount(pictures, images: images, labels: count, in: name)
    }
  }

  /// The label of the next picture.
  @inline(never)
  mutating func next(classCount: Int) throws(BoardError) -> UInt8 {
    guard index < count, let value = source.next() else { throw BoardError.unreadable(name) }
    let label = UInt8(truncatingIfNeeded: value)
    guard Int(label) < classCount else {
      throw BoardError.label(name, index: index, given: label, limit: classCount &- 1)
    }
    index &+= 1
    return label
  }
}
