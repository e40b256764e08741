/// What the header of a file of numbers says, checked against the size of the file.
package struct ArrayHeader: Equatable, Sendable {
  /// The number of entries of each dimension, the outermost first.
  package let extents: [Int]
  package let type: ElementType
  /// The first byte of the numbers.
  package let start: Int

  /// Makes a header; throws `unusable` or `length` where its numbers are not those of a file of
  /// `end` bytes.
  init(
    extents: [Int], type: ElementType, start: Int, end: Int
  ) throws(DatasetError) {
    var bytes = type.size
    for extent in extents {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
      guard extent >= 1, !overflow, product <= 1 << 50 else {
        throw .init(
          .unusable(
            reason: "its header gives the extents \(Self.text(extents)), needed 1 or more each "
              + "and fewer bytes than any file has",
            remedy: "check that this is the intended file"))
      }
      bytes = product
    }
    guard start <= end, end - start == bytes else {
      throw DatasetError(.length(needed: start + bytes, given: end))
    }
    self.extents = extents
    self.type = type
    self.start = start
  }

  /// Extents as NumPy shows them.
  static func text(_ extents: [Int]) -> String {
    "(\(extents.map(String.init).joined(separator: ", ")))"
  }
}

extension ArrayHeader {
  /// The header of an IDX file of any type and up to 4 dimensions.
  ///
  /// Throws `header`, `unusable` or `length`.
  package static func idx(_ store: ByteStore) throws(DatasetError) -> ArrayHeader {
    let start = try store.prefix(4)
    guard isIDX(start) else {
      throw DatasetError(
        .unusable(
          reason: "is no IDX file: it begins with \(start.map(\.hexPair).joined(separator: " "))",
          remedy: "check that this is the intended file"))
    }
    let dimensions = Int(start[3])
    let header = 4 + 4 * dimensions
    guard store.count >= header else {
      throw DatasetError(.header(needed: header, given: store.count))
    }
    let words = Array(try store.bytes(4..<header))
    let extents = (0..<dimensions).map { index in
      words[index * 4..<index * 4 + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    let type: ElementType =
      switch start[2] {
      case 0x08: .byte
      case 0x09: .init(.signed, size: 1)
      case 0x0B: .init(.signed, size: 2, isBigEndian: true)
      case 0x0C: .init(.signed, size: 4, isBigEndian: true)
      case 0x0D: .init(.float, size: 4, isBigEndian: true)
      default: .init(.float, size: 8, isBigEndian: true)
      }
    return try ArrayHeader(extents: extents, type: type, start: header, end: store.count)
  }

  /// Whether bytes begin as an IDX file does: two zeros, a known type, 1 to 4 dimensions.
  static func isIDX(_ start: [UInt8]) -> Bool {
    start.count >= 4 && start[0] == 0 && start[1] == 0
      && [0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E].contains(start[2]) && (1...4).contains(start[3])
  }
}

extension UInt8 {
  /// Two hexadecimal digits.
  var hexPair: String {
    let text = String(self, radix: 16)
    return text.count == 2 ? text : "0" + text
  }
}
