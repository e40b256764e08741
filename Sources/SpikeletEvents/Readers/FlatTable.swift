/// One table of a FlatBuffer, with every offset checked.
struct FlatTable {
  private let bytes: [UInt8]
  /// Where the table begins, and the list of its fields.
  private let table: Int
  private let fields: Int
  private let fieldBytes: Int

  /// The root of a buffer; nil where its offsets lead out of it.
  ///
  /// - Parameter start: where the buffer begins in the bytes.
  init?(_ bytes: [UInt8], from start: Int) {
    self.bytes = bytes
    guard let root = Self.number(bytes, start, 4), let table = Self.sum(start, root),
      let distance = Self.number(bytes, table, 4)
    else { return nil }
    self.table = table
    fields = table - Int(Int32(truncatingIfNeeded: distance))
    guard fields >= 0, let size = Self.number(bytes, fields, 2), size >= 4 else { return nil }
    fieldBytes = size
  }

  /// Bytes as a whole number, the lowest first; nil beyond the end.
  private static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Int? {
    guard start >= 0, start <= bytes.count - count else { return nil }
    return (0..<count).reduce(0) { $0 | Int(bytes[start + $1]) << (8 * $1) }
  }

  private static func sum(_ a: Int, _ b: Int) -> Int? {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? nil : sum
  }

  /// Where the value of a field lies; nil where the table has it not.
  private func place(_ field: Int) -> Int? {
    guard 4 + 2 * field + 2 <= fieldBytes,
      let offset = Self.number(bytes, fields + 4 + 2 * field, 2), offset != 0
    else { return nil }
    return table + offset
  }

  /// A field that is a whole number of so many bytes, without a sign.
  func number(_ field: Int, bytes count: Int) -> Int? {
    place(field).flatMap { Self.number(bytes, $0, count) }
  }

  /// The elements of a field that is a vector: where they begin, and how many there are.
  func vector(_ field: Int, elementSize: Int) -> (start: Int, count: Int)? {
    guard let place = place(field), let offset = Self.number(bytes, place, 4),
      let count = Self.number(bytes, place + offset, 4)
    else { return nil }
    let start = place + offset + 4
    guard start <= bytes.count, count <= (bytes.count - start) / elementSize else { return nil }
    return (start, count)
  }
}
