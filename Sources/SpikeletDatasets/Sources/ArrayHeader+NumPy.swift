extension ArrayHeader {
  static let numPyMagic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]

  /// The header of a NumPy array (`.npy`, format 1.0 to 3.0) in the bytes `range` of a file.
  ///
  /// Throws `header`, `length`, or `unusable` for arrays that hold no plain numbers in C order.
  package static func numPy(
    _ store: ByteStore, in range: Range<Int>
  ) throws(DatasetError) -> ArrayHeader {
    guard range.count >= 12 else { throw DatasetError(.header(needed: 12, given: range.count)) }
    let start = Array(try store.bytes(range.lowerBound..<range.lowerBound + 12))
    guard Array(start[0..<6]) == numPyMagic, (1...3).contains(start[6]) else {
      throw refused("is no .npy file of format 1 to 3", "write it with numpy.save")
    }
    let isShort = start[6] == 1
    let length =
      isShort
      ? Int(start[8]) | Int(start[9]) << 8
      : (0..<4).reduce(0) { $0 | Int(start[8 + $1]) << (8 * $1) }
    let first = isShort ? 10 : 12
    guard length <= 65_536 else {
      throw refused("has a header of \(length) bytes, needed at most 65536", nil)
    }
    guard first + length <= range.count else {
      throw DatasetError(.header(needed: first + length, given: range.count))
    }
    let text = String(
      decoding: try store.bytes(
        range.lowerBound + first..<range.lowerBound + first + length), as: UTF8.self)
    let fields = try NumPyFields(text)
    guard !fields.isFortranOrder || fields.extents.count < 2 else {
      throw refused(
        "lies in Fortran's order", "save it with numpy.save(file, numpy.ascontiguousarray(array))")
    }
    let header = try ArrayHeader(
      extents: fields.extents, type: fields.type, start: first + length, end: range.count)
    return ArrayHeader(header, movedBy: range.lowerBound)
  }

  private init(_ other: ArrayHeader, movedBy offset: Int) {
    extents = other.extents
    type = other.type
    start = other.start + offset
  }

  fileprivate static func refused(_ reason: String, _ remedy: String?) -> DatasetError {
    DatasetError(.unusable(reason: reason, remedy: remedy))
  }
}

/// The three entries of the dictionary that is the header of a NumPy array.
private struct NumPyFields {
  let type: ElementType
  let isFortranOrder: Bool
  let extents: [Int]

  init(_ text: String) throws(DatasetError) {
    let shape = Self.value(of: "shape", in: text)
    let order = Self.value(of: "fortran_order", in: text)
    let descriptor = Self.value(of: "descr", in: text)
    guard let shape, let order, let descriptor, shape.first == "(",
      let close = shape.firstIndex(of: ")")
    else {
      throw ArrayHeader.refused("has an unreadable .npy header", "write it with numpy.save")
    }
    let parts = shape[shape.index(after: shape.startIndex)..<close].split(separator: ",")
      .map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    let extents = parts.compactMap { Int($0) }
    guard extents.count == parts.count, extents.count <= 8 else {
      throw ArrayHeader.refused("has an unreadable .npy header", "write it with numpy.save")
    }
    self.extents = extents
    isFortranOrder = order.hasPrefix("True")
    type = try Self.type(descriptor)
  }

  /// What follows `'key':`, without spaces before it.
  private static func value(of key: String, in text: String) -> Substring? {
    for quote in ["'", "\""] {
      guard let range = text.firstRange(of: "\(quote)\(key)\(quote):") else { continue }
      return text[range.upperBound...].drop { $0 == " " }
    }
    return nil
  }

  private static func type(_ text: Substring) throws(DatasetError) -> ElementType {
    let quote = text.first
    guard let quote, quote == "'" || quote == "\"" else {
      throw ArrayHeader.refused(
        "holds records of several fields", "save one field as an array of numbers")
    }
    let name = text.dropFirst().prefix { $0 != quote }
    let isBig = name.hasPrefix(">")
    let kinds: [Character: ElementType.Kind] = [
      "u": .unsigned, "b": .unsigned, "i": .signed, "f": .float,
    ]
    let body = name.drop { "<>|=".contains($0) }
    guard let letter = body.first, let kind = kinds[letter], let size = Int(body.dropFirst()),
      kind == .float ? [4, 8].contains(size) : [1, 2, 4, 8].contains(size)
    else {
      throw ArrayHeader.refused(
        "holds values of the type \"\(name.prefix(20))\", needed unsigned bytes, integers or "
          + "32- or 64-bit floats",
        body.hasPrefix("O")
          ? "an array of objects holds arrays of different sizes: make one array of one size"
          : "convert it with array.astype(numpy.uint8)")
    }
    return ElementType(kind, size: size, isBigEndian: isBig)
  }
}
