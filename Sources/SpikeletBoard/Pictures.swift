import CBoardPlatform
import SpikeletRuntime

/// The constants of IDX, the format of MNIST: big-endian words, then bytes.
enum IDX {
  static var images: UInt32 { 0x803 }
  static var labels: UInt32 { 0x801 }
  static var maximumCount: UInt32 { 10_000_000 }
  static var maximumSide: UInt32 { 4096 }
}

/// A file of pictures, read one picture at a time so that a run needs memory for one.
///
/// A file that begins with the magic number of IDX is one; any other holds raw pictures.
struct PictureFile: ~Copyable {
  let name: FileName
  let count: UInt32
  private let descriptor: Int32
  private var pixels: Memory

  /// Opens a file whose pictures have to fit a model.
  init(_ name: FileName, for model: Model) throws(BoardError) {
    let file = try Self.open(name, for: model)
    let pixels = try Memory(byteCount: model.inputCount)
    self.name = name
    self.pixels = pixels
    descriptor = file.descriptor
    count = file.count
  }

  private static func open(
    _ name: FileName, for model: Model
  ) throws(BoardError) -> (descriptor: Int32, count: UInt32) {
    let file = try name.open()
    let descriptor = file.descriptor
    let size = model.inputCount
    let words = BigEndianWords(descriptor, byteCount: file.byteCount)
    if words[0] == IDX.images {
      guard file.byteCount >= 16 else {
        throw BoardError.header(name, needed: 16, given: file.byteCount)
      }
      let count = words[1]
      let shape = PictureShape(channels: 1, height: words[2], width: words[3])
      try check(name, "number of images", count, IDX.maximumCount)
      try check(name, "height", shape.height, IDX.maximumSide)
      try check(name, "width", shape.width, IDX.maximumSide)
      let header = model.header
      let needed = PictureShape(
        channels: UInt32(bitPattern: header.inputChannels),
        height: UInt32(bitPattern: header.inputHeight),
        width: UInt32(bitPattern: header.inputWidth))
      // Several channels lie one below the other.
      guard shape.height == needed.channels &* needed.height, shape.width == needed.width else {
        throw BoardError.shape(name, shape, needed: needed)
      }
      try check(
        name, byteCount: file.byteCount, header: 16, count: count,
        size: UInt32(truncatingIfNeeded: size))
      guard platform_seek(descriptor, 16) else { throw BoardError.unreadable(name) }
      return (descriptor, count)
    }
    guard file.byteCount > 0, file.byteCount % size == 0 else {
      throw BoardError.records(name, size: size, given: file.byteCount)
    }
    guard platform_seek(descriptor, 0) else { throw BoardError.unreadable(name) }
    return (descriptor, UInt32(truncatingIfNeeded: file.byteCount / size))
  }

  /// Reads the next picture; `current` has it then.
  mutating func advance() throws(BoardError) {
    guard pixels.read(from: descriptor) else { throw BoardError.unreadable(name) }
  }

  /// The picture that was read last, in the order channel, row, column.
  var current: Span<UInt8> {
    @_lifetime(borrow self)
    get { pixels.pixels }
  }

  fileprivate static func check(
    _ file: FileName, _ dimension: StaticString, _ given: UInt32, _ limit: UInt32
  ) throws(BoardError) {
    guard given >= 1, given <= limit else {
      throw BoardError.dimension(file, dimension, given: given, limit: limit)
    }
  }

  /// Checks that a file holds exactly its header and `count` records.
  fileprivate static func check(
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
  private let descriptor: Int32
  private var label: Memory
  private var index: UInt32 = 0

  /// Opens a file with as many labels as there are pictures.
  init(_ name: FileName, for pictures: borrowing PictureFile) throws(BoardError) {
    let descriptor = try Self.open(name, for: pictures)
    let label = try Memory(byteCount: 1)
    self.name = name
    self.label = label
    self.descriptor = descriptor
  }

  private static func open(
    _ name: FileName, for pictures: borrowing PictureFile
  ) throws(BoardError) -> Int32 {
    let file = try name.open()
    let descriptor = file.descriptor
    let words = BigEndianWords(descriptor, byteCount: file.byteCount)
    guard words[0] == IDX.labels || file.byteCount < 4 else {
      throw BoardError.magic(name, needed: IDX.labels, given: words[0])
    }
    guard file.byteCount >= 8 else {
      throw BoardError.header(name, needed: 8, given: file.byteCount)
    }
    let count = words[1]
    try PictureFile.check(name, "number of labels", count, IDX.maximumCount)
    try PictureFile.check(name, byteCount: file.byteCount, header: 8, count: count, size: 1)
    guard count == pictures.count else {
      throw BoardError.labelCount(pictures.name, images: pictures.count, labels: count, in: name)
    }
    guard platform_seek(descriptor, 8) else { throw BoardError.unreadable(name) }
    return descriptor
  }

  /// The label of the next picture.
  mutating func next(classCount: Int) throws(BoardError) -> UInt8 {
    guard label.read(from: descriptor) else { throw BoardError.unreadable(name) }
    let value = label.pixels[0]
    guard Int(value) < classCount else {
      throw BoardError.label(name, index: index, given: value, limit: classCount &- 1)
    }
    index &+= 1
    return value
  }
}

/// The first four big-endian words of a file; zeros after its end.
private struct BigEndianWords {
  private var words = InlineArray<4, UInt32>(repeating: 0)

  init(_ descriptor: Int32, byteCount: Int) {
    var bytes = InlineArray<16, UInt8>(repeating: 0)
    let count = min(16, byteCount)
    var span = bytes.mutableSpan
    let isRead = unsafe span.withUnsafeMutableBufferPointer {
      unsafe Self.read(descriptor, $0, count)
    }
    guard isRead else { return }
    for i in 0..<4 {
      for j in 0..<4 {
        words[i] = words[i] &<< 8 | UInt32(truncatingIfNeeded: bytes[i &* 4 &+ j])
      }
    }
  }

  private static func read(
    _ descriptor: Int32, _ bytes: UnsafeMutableBufferPointer<UInt8>, _ count: Int
  ) -> Bool {
    guard let base = bytes.baseAddress else { return false }
    return unsafe platform_read(descriptor, base, count)
  }

  subscript(index: Int) -> UInt32 { words[index] }
}
