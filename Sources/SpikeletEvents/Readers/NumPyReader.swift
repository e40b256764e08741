import SpikeletDatasets
import SpikeletRuntime

/// NumPy's arrays (`.npy`): rows of x, y, t and p, or records with fields of those names.
struct NumPyReader: EventReader {
  let counts = EventDecoderCounts()
  private let store: ByteStore
  private let fields: [Field]
  private let stride: Int
  private var position: Int
  private let end: Int

  /// One of the four values of an event.
  private struct Field {
    var offset: Int
    var size: Int
    var kind: Character
  }

  init(_ store: ByteStore) throws(DatasetError) {
    self.store = store
    func refused(_ reason: String) -> DatasetError {
      DatasetError(
        .unusable(
          reason: reason,
          remedy: "save an array of whole numbers with the columns x, y, t and p, or records with "
            + "fields of these names"), file: store.path)
    }
    let start = try store.prefix(12)
    guard start.count == 12, (1...3).contains(start[6]) else {
      throw refused("is no .npy file of format 1 to 3")
    }
    let first = start[6] == 1 ? 10 : 12
    let length = start[8..<first].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= 65_536, first + length <= store.count else {
      throw refused("has a header of \(length) bytes")
    }
    let text = String(decoding: try store.bytes(first..<first + length), as: UTF8.self)
    guard let header = NumPyRecords(text) else {
      throw refused("has an unreadable header, or lies in Fortran's order")
    }
    fields = header.fields.map { Field(offset: $0.offset, size: $0.size, kind: $0.kind) }
    stride = header.stride
    position = first + length
    let (bytes, overflow) = header.count.multipliedReportingOverflow(by: stride)
    guard !overflow, bytes == store.count - position else {
      throw refused("has \(store.count - position) bytes of events, its header says otherwise")
    }
    end = store.count
  }

  mutating func next() throws(DatasetError) -> [EventRow]? {
    guard position < end else { return nil }
    let count = min(8192, (end - position) / stride)
    let bytes = Array(try store.bytes(position..<position + count * stride))
    let index = position
    position += count * stride
    var rows: [EventRow] = []
    rows.reserveCapacity(count)
    for record in 0..<count {
      let values = fields.map { Self.value(bytes, record * stride + $0.offset, $0.size, $0.kind) }
      guard let x = values[0], let y = values[1], let time = values[2], let polarity = values[3],
        let row = EventRow(x: x, y: y, time: time, polarity: polarity)
      else {
        throw DatasetError(
          .unusable(
            reason: "the event at byte \(index + record * stride) has a value that no event has",
            remedy: "needed whole numbers of 0 or more"), file: store.path)
      }
      rows.append(row)
    }
    return rows
  }

  /// A number, the lowest byte first; nil where it is no whole one.
  private static func value(_ bytes: [UInt8], _ start: Int, _ size: Int, _ kind: Character) -> Int?
  {
    let bits = (0..<size).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
    switch kind {
    case "f":
      return Int(
        exactly: size == 4 ? Double(Float(bitPattern: UInt32(bits))) : Double(bitPattern: bits))
    case "i":
      let shift = UInt64(64 - size * 8)
      return Int(Int64(bitPattern: bits << shift) >> Int64(shift))
    default: return Int(exactly: bits)
    }
  }
}

/// The header of an array of events.
struct NumPyRecords: Equatable {
  struct Field: Equatable {
    var offset: Int
    var size: Int
    var kind: Character
  }

  /// x, y, t and p.
  let fields: [Field]
  /// Bytes of an event.
  let stride: Int
  let count: Int

  init?(_ text: String) {
    guard let order = Self.value(of: "fortran_order", in: text), order.hasPrefix("False"),
      let shape = Self.value(of: "shape", in: text), shape.first == "(",
      let close = shape.firstIndex(of: ")"), let type = Self.value(of: "descr", in: text)
    else { return nil }
    let parts = shape[shape.index(after: shape.startIndex)..<close].split(separator: ",")
      .map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    let extents = parts.compactMap { Int($0) }
    guard extents.count == parts.count, let count = extents.first, count >= 0 else { return nil }
    self.count = count
    if type.first == "[" {
      guard extents.count == 1, let (fields, stride) = Self.records(type) else { return nil }
      (self.fields, self.stride) = (fields, stride)
    } else {
      guard extents.count == 2, extents[1] == 4, let (kind, size) = Self.type(type) else {
        return nil
      }
      fields = (0..<4).map { Field(offset: $0 * size, size: size, kind: kind) }
      stride = 4 * size
    }
  }

  /// What follows `'key':`.
  private static func value(of key: String, in text: String) -> Substring? {
    guard let range = text.firstRange(of: "'\(key)':") else { return nil }
    return text[range.upperBound...].drop { $0 == " " }
  }

  /// `[('x', '<i2'), ('y', '<i2'), …]`
  private static func records(_ text: Substring) -> ([Field], Int)? {
    guard let close = text.firstIndex(of: "]") else { return nil }
    var names: [String: Field] = [:]
    var offset = 0
    // Names and types take turns between the quotes.
    let words = text[..<close].split(separator: "'", omittingEmptySubsequences: false)
    var index = 1
    while index + 2 < words.count {
      guard let (kind, size) = type("'" + words[index + 2] + "'") else { return nil }
      names[String(words[index])] = Field(offset: offset, size: size, kind: kind)
      offset += size
      index += 4
    }
    func field(_ known: [String]) -> Field? { known.compactMap { names[$0] }.first }
    guard let x = field(["x"]), let y = field(["y"]), let t = field(["t", "timestamp", "ts"]),
      let p = field(["p", "polarity", "pol", "on"])
    else { return nil }
    return ([x, y, t, p], offset)
  }

  /// A type such as `'<i2'`, `'|b1'`, `'|u1'`.
  private static func type(_ text: some StringProtocol) -> (Character, Int)? {
    let name = text.dropFirst().prefix { $0 != "'" }
    guard !name.hasPrefix(">") else { return nil }
    let body = name.drop { "<|=".contains($0) }
    guard let kind = body.first, "uibf?".contains(kind) else { return nil }
    let size = kind == "?" ? 1 : Int(body.dropFirst()) ?? 0
    guard kind == "f" ? [4, 8].contains(size) : [1, 2, 4, 8].contains(size) else { return nil }
    return (kind == "b" || kind == "?" ? "u" : kind, size)
  }
}
