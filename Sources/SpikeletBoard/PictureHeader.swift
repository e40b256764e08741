import SpikeletRuntime

/// What the beginning of a file of pictures says about them.
struct PictureHeader {
  /// Nil where only the end of the file tells.
  let count: UInt32?
  let layout: PictureFile.Layout

  /// Reads the header; the pictures follow it.
  ///
  /// - Parameter size: bytes of a picture that the model takes.
  static func read(
    _ source: inout ByteSource, _ name: FileName, _ needed: PictureShape, size: Int
  ) throws(BoardError) -> PictureHeader {
    let magic = source.firstWord
    if magic == IDX.images || magic == IDX.colours {
      let dimensions = magic == IDX.images ? 3 : 4
      let size = 4 &+ 4 &* dimensions
      if let given = source.byteCount, given < size {
        throw BoardError.header(name, needed: size, given: given)
      }
      source.skip(4)
      var extents = InlineArray<4, UInt32>(repeating: 0)
      for i in 0..<dimensions { extents[i] = source.word() }
      return try fit(extents, dimensions, source.byteCount, name, needed, header: size)
    }
    if magic == 0x934E_554D, source.first(4) == 80, source.first(5) == 89 {
      return try readNumPy(&source, name, needed)
    }
    // "P5" or "P6", and a space or a comment.
    let kind = magic &>> 16
    if kind == 0x5035 || kind == 0x5036, isSpace(source.first(2)) || source.first(2) == 35 {
      return PictureHeader(count: nil, layout: .portable)
    }
    guard let byteCount = source.byteCount else {
      return PictureHeader(count: nil, layout: .planes)
    }
    guard byteCount > 0, byteCount % size == 0 else {
      throw BoardError.records(name, size: size, given: byteCount)
    }
    return PictureHeader(
      count: UInt32(truncatingIfNeeded: byteCount / size), layout: .planes)
  }

  /// Compares the extents of an array with what the model takes.
  @inline(never)
  private static func fit(
    _ extents: InlineArray<4, UInt32>, _ dimensions: Int, _ byteCount: Int?, _ name: FileName,
    _ needed: PictureShape, header: Int
  ) throws(BoardError) -> PictureHeader {
    let count = extents[0]
    try PictureFile.check(name, "number of images", count, IDX.maximumCount)
    var given = PictureShape(channels: 1, height: extents[1], width: extents[2])
    var layout = PictureFile.Layout.planes
    var isFitting = given == needed
    if dimensions == 3 {
      try PictureFile.check(name, "height", given.height, IDX.maximumSide)
      try PictureFile.check(name, "width", given.width, IDX.maximumSide)
      // Several channels may lie one below the other.
      isFitting =
        given.height == needed.channels &* needed.height && given.width == needed.width
    } else if dimensions == 4 {
      // The channels are the last or the first.
      given.channels = extents[3]
      isFitting = given == needed
      if isFitting {
        layout = needed.channels == 1 ? .planes : .pixels
      } else {
        given = PictureShape(channels: extents[1], height: extents[2], width: extents[3])
        isFitting = given == needed
      }
    } else {
      given = PictureShape(channels: 1, height: 1, width: extents[1])
      isFitting = given.width == needed.channels &* needed.height &* needed.width
    }
    guard isFitting else { throw BoardError.shape(name, given, needed: needed) }
    if let byteCount {
      try PictureFile.check(
        name, byteCount: byteCount, header: UInt32(truncatingIfNeeded: header), count: count,
        size: needed.channels &* needed.height &* needed.width)
    }
    return PictureHeader(count: count, layout: layout)
  }

  /// A NumPy array of unsigned bytes in C order; its header is text.
  private static func readNumPy(
    _ source: inout ByteSource, _ name: FileName, _ needed: PictureShape
  ) throws(BoardError) -> PictureHeader {
    // Later formats have headers of more than 64 KB.
    let length = Int(truncatingIfNeeded: source.first(8) | source.first(9) &<< 8)
    guard source.first(6) == 1 else { throw unread(name) }
    source.skip(10)
    var text = try Memory(byteCount: length)
    _ = source.fill(&text)
    var reader = HeaderText(text.pixels)
    guard reader.find("'descr': '|u1'"), reader.find("'fortran_order': False"),
      reader.find("'shape': (")
    else { throw unread(name) }
    var extents = InlineArray<4, UInt32>(repeating: 0)
    var dimensions = 0
    while let extent = reader.number() {
      guard dimensions < 4 else { throw unread(name) }
      extents[dimensions] = extent
      dimensions &+= 1
    }
    guard dimensions >= 2 else { throw unread(name) }
    return try fit(
      extents, dimensions, source.byteCount, name, needed,
      header: length &+ 10)
  }

  private static func unread(_ name: FileName) -> BoardError {
    BoardError.unfit(name, "is no NumPy array of unsigned bytes in C order", image: nil)
  }

  /// Reads the header of the next PGM or PPM picture; false at the end.
  static func readPortable(
    _ source: inout ByteSource, _ name: FileName, _ needed: PictureShape, index: UInt32
  ) throws(BoardError) -> Bool {
    guard let first = source.next() else {
      return false
    }
    let kind = source.next()
    guard first == 80, kind == 53 || kind == 54, let width = number(&source),
      let height = number(&source), let largest = number(&source)
    else { throw unportable(name, index) }
    let given = PictureShape(channels: kind == 53 ? 1 : 3, height: height, width: width)
    guard given == needed else { throw BoardError.shape(name, given, needed: needed) }
    guard largest == 255 else { throw unportable(name, index) }
    return true
  }

  private static func unportable(_ name: FileName, _ index: UInt32) -> BoardError {
    BoardError.unfit(name, "needs PGM or PPM (P5, P6) with a maximum of 255: image ", image: index)
  }

  private static func isSpace(_ byte: UInt32) -> Bool { byte == 32 || byte >= 9 && byte <= 13 }

  /// A number of a PGM header, after spaces and comments, with the one space that ends it.
  private static func number(_ source: inout ByteSource) -> UInt32? {
    var value: UInt32 = 0
    var digits = 0
    while let byte = source.next() {
      if byte == 35, digits == 0 {
        while let next = source.next(), next != 10 {}
      } else if isSpace(byte) {
        if digits > 0 { return value }
      } else {
        guard byte >= 48, byte <= 57, digits < 6 else { return nil }
        value = value &* 10 &+ (byte &- 48)
        digits &+= 1
      }
    }
    return nil
  }
}

/// The text of a header, read from one place to the next.
private struct HeaderText: ~Escapable {
  private let text: Span<UInt8>
  private var position = 0

  @_lifetime(copy text)
  init(_ text: Span<UInt8>) { self.text = text }

  /// Goes behind a text, wherever it stands; false where it stands nowhere.
  @_lifetime(self: copy self)
  mutating func find(_ wanted: StaticString) -> Bool {
    let length = wanted.utf8CodeUnitCount
    guard text.count >= length else { return false }
    for start in 0...text.count &- length {
      var isEqual = true
      for i in 0..<length where unsafe text[start &+ i] != wanted.utf8Start[i] { isEqual = false }
      if isEqual {
        position = start &+ length
        return true
      }
    }
    return false
  }

  /// The next number of a list that a bracket ends.
  @_lifetime(self: copy self)
  mutating func number() -> UInt32? {
    while position < text.count, text[position] == 32 || text[position] == 44 { position &+= 1 }
    var value: UInt32 = 0
    var digits = 0
    while position < text.count, text[position] >= 48, text[position] <= 57, digits < 9 {
      value = value &* 10 &+ UInt32(truncatingIfNeeded: text[position] &- 48)
      position &+= 1
      digits &+= 1
    }
    return digits > 0 ? value : nil
  }
}
