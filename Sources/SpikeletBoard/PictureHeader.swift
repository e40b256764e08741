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
    let magic = source.word(0)
    if magic == IDX.images || magic == IDX.colours {
      return try readIDX(&source, name, needed, dimensions: magic == IDX.images ? 3 : 4)
    }
    // "\u{93}NUMPY"
    if magic == 0x934E_554D, source.word(1) &>> 16 == 0x5059 {
      return try readNumPy(&source, name, needed)
    }
    // "P5" or "P6", and a space or a comment.
    let kind = magic &>> 16
    if kind == 0x5035 || kind == 0x5036, isSpace(source.first(2)) || source.first(2) == 35 {
      return PictureHeader(count: nil, layout: .portable)
    }
    guard let byteCount = source.byteCount else {
      guard source.firstCount > 0 else { throw BoardError.cut(name, image: 0) }
      return PictureHeader(count: nil, layout: .planes)
    }
    guard byteCount > 0, byteCount % size == 0 else {
      throw BoardError.records(name, size: size, given: byteCount)
    }
    return PictureHeader(
      count: UInt32(truncatingIfNeeded: byteCount / size), layout: .planes)
  }

  private static func readIDX(
    _ source: inout ByteSource, _ name: FileName, _ needed: PictureShape, dimensions: Int
  ) throws(BoardError) -> PictureHeader {
    let size = 4 &+ 4 &* dimensions
    if let given = source.byteCount, given < size {
      throw BoardError.header(name, needed: size, given: given)
    }
    var extents = InlineArray<4, UInt32>(repeating: 0)
    for i in 0..<dimensions where i < 3 { extents[i] = source.word(i &+ 1) }
    guard source.skip(16) else { throw BoardError.header(name, needed: size, given: 0) }
    if dimensions == 4 {
      for _ in 0..<4 { extents[3] = extents[3] &<< 8 | (source.next() ?? 0) }
    }
    return try fit(
      extents, dimensions, source.byteCount, name, needed,
      header: UInt32(truncatingIfNeeded: size))
  }

  /// Compares the extents of an array with what the model takes.
  private static func fit(
    _ extents: InlineArray<4, UInt32>, _ dimensions: Int, _ byteCount: Int?, _ name: FileName,
    _ needed: PictureShape, header: UInt32
  ) throws(BoardError) -> PictureHeader {
    let (count, a, b, c) = (extents[0], extents[1], extents[2], extents[3])
    try PictureFile.check(name, "number of images", count, IDX.maximumCount)
    var layout = PictureFile.Layout.planes
    var isFitting = false
    var given = PictureShape(channels: 1, height: a, width: b)
    if dimensions == 3 {
      try PictureFile.check(name, "height", a, IDX.maximumSide)
      try PictureFile.check(name, "width", b, IDX.maximumSide)
      // Several channels may lie one below the other.
      isFitting = a == needed.channels &* needed.height && b == needed.width
    } else if dimensions == 2 {
      given = PictureShape(channels: 1, height: 1, width: a)
      isFitting = a == needed.channels &* needed.height &* needed.width
    } else {
      given = PictureShape(channels: a, height: b, width: c)
      isFitting = given == needed
      if !isFitting, PictureShape(channels: c, height: a, width: b) == needed {
        isFitting = true
        layout = needed.channels == 1 ? .planes : .pixels
      }
    }
    guard isFitting else { throw BoardError.shape(name, given, needed: needed) }
    if let byteCount {
      try PictureFile.check(
        name, byteCount: byteCount, header: header, count: count,
        size: needed.channels &* needed.height &* needed.width)
    }
    return PictureHeader(count: count, layout: layout)
  }

  /// A NumPy array of unsigned bytes in C order; its header is text.
  private static func readNumPy(
    _ source: inout ByteSource, _ name: FileName, _ needed: PictureShape
  ) throws(BoardError) -> PictureHeader {
    let isShort = source.first(6) == 1
    var length = source.first(8) | source.first(9) &<< 8
    if !isShort { length |= source.first(10) &<< 16 | source.first(11) &<< 24 }
    let first = isShort ? 10 : 12
    guard length >= 1, length <= 4096, source.skip(first) else { throw BoardError.array(name) }
    var text = try Memory(byteCount: Int(truncatingIfNeeded: length))
    guard source.fill(&text) == Int(truncatingIfNeeded: length) else {
      throw BoardError.array(name)
    }
    var reader = HeaderText(text.pixels)
    guard reader.find("'descr': '|u1'"), reader.find("'fortran_order': False"),
      reader.find("'shape': (")
    else { throw BoardError.array(name) }
    var extents = InlineArray<4, UInt32>(repeating: 0)
    var dimensions = 0
    while let extent = reader.number() {
      guard dimensions < 4 else { throw BoardError.array(name) }
      extents[dimensions] = extent
      dimensions &+= 1
    }
    guard dimensions >= 2 else { throw BoardError.array(name) }
    return try fit(
      extents, dimensions, source.byteCount, name, needed,
      header: length &+ UInt32(truncatingIfNeeded: first))
  }

  /// Reads the header of the next PGM or PPM picture; false at the end.
  static func readPortable(
    _ source: inout ByteSource, _ name: FileName, _ needed: PictureShape, index: UInt32
  ) throws(BoardError) -> Bool {
    guard let first = source.next() else {
      if index == 0 { throw BoardError.cut(name, image: 0) }
      return false
    }
    let kind = source.next()
    guard first == 80, kind == 53 || kind == 54, let width = number(&source),
      let height = number(&source), let largest = number(&source)
    else { throw BoardError.portable(name, image: index) }
    let given = PictureShape(channels: kind == 53 ? 1 : 3, height: height, width: width)
    guard given == needed else { throw BoardError.shape(name, given, needed: needed) }
    guard largest == 255 else { throw BoardError.portable(name, image: index) }
    return true
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
