/// Reads the fields of one protobuf message, one after the other, checking every length.
///
/// Nested messages are slices of the same bytes, so nothing is copied. Groups, which no current
/// format uses, are errors.
package struct ProtobufReader {
  /// What makes bytes not a protobuf message, and where.
  package struct Failure: Error, Hashable {
    /// The position of the first byte of the offending field in the outermost message.
    package var offset: Int
    package var reason: String
    /// Whether the message is well-formed but larger than what is read.
    package var isLimit = false
  }

  /// What all readers of a file have read together.
  fileprivate final class Count {
    var messages = 0
    var names = 0
  }

  package enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    case bytes(ArraySlice<UInt8>)
  }

  package struct Field {
    package var number: Int
    package var value: Value
    /// The position of the field's first byte.
    package var offset: Int
    /// How many messages enclose the field's message.
    package var depth: Int
    fileprivate var count: Count
  }

  /// Messages nested deeper than this are refused; an ONNX tensor lies at depth 4.
  package static let maximumDepth = 32

  private var rest: ArraySlice<UInt8>
  private let depth: Int
  private let count: Count

  package init(_ bytes: [UInt8]) {
    rest = bytes[...]
    depth = 0
    count = Count()
  }

  /// A reader of the message that a field holds.
  package init(nested field: Field) throws(Failure) {
    guard field.depth < Self.maximumDepth else {
      throw Failure(offset: field.offset, reason: "messages are nested too deeply")
    }
    rest = try field.bytes()
    depth = field.depth + 1
    count = field.count
    count.messages += 1
    guard count.messages <= Limits.messages else {
      throw Failure(
        offset: field.offset, reason: "it has more than \(Limits.messages) messages",
        isLimit: true)
    }
  }

  /// A reader of packed values, which have no field keys.
  fileprivate init(packed bytes: ArraySlice<UInt8>, of field: Field) {
    rest = bytes
    depth = 0
    count = field.count
  }

  /// The next field, or nil at the end of the message.
  package mutating func next() throws(Failure) -> Field? {
    guard !rest.isEmpty else { return nil }
    let offset = rest.startIndex
    let key = try varint()
    let number = key >> 3
    guard number >= 1, number < 1 << 29 else {
      throw Failure(offset: offset, reason: "a field has the number \(number)")
    }
    let value: Value
    switch key & 7 {
    case 0: value = .varint(try varint())
    case 1: value = .fixed64(try fixed(8, from: offset))
    case 2:
      let length = try varint()
      guard length <= UInt64(rest.count) else {
        throw Failure(offset: offset, reason: "a length reaches past the end")
      }
      value = .bytes(rest.prefix(Int(length)))
      rest = rest.dropFirst(Int(length))
    case 5: value = .fixed32(UInt32(truncatingIfNeeded: try fixed(4, from: offset)))
    case let type: throw Failure(offset: offset, reason: "a field has the wire type \(type)")
    }
    return Field(number: Int(number), value: value, offset: offset, depth: depth, count: count)
  }

  /// An integer of up to ten bytes, seven bits each, the lowest first.
  fileprivate mutating func varint() throws(Failure) -> UInt64 {
    let offset = rest.startIndex
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = rest.popFirst() {
      // The tenth byte holds the last bit of 64.
      guard shift < 63 || byte <= 1 else {
        throw Failure(offset: offset, reason: "an integer is longer than 64 bits")
      }
      result |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return result }
      shift += 7
    }
    throw Failure(offset: offset, reason: "an integer is cut off")
  }

  private mutating func fixed(_ count: Int, from offset: Int) throws(Failure) -> UInt64 {
    guard rest.count >= count else {
      throw Failure(offset: offset, reason: "a number is cut off")
    }
    let value = rest.prefix(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    rest = rest.dropFirst(count)
    return value
  }

  fileprivate var isAtEnd: Bool { rest.isEmpty }
}

extension ProtobufReader.Field {
  package typealias Failure = ProtobufReader.Failure

  private func mismatch() -> Failure {
    Failure(offset: offset, reason: "field \(number) has an unexpected type")
  }

  package func bytes() throws(Failure) -> ArraySlice<UInt8> {
    guard case .bytes(let slice) = value else { throw mismatch() }
    return slice
  }

  package func string() throws(Failure) -> String {
    let bytes = try bytes()
    count.names += 1
    guard bytes.count <= Limits.nameBytes, count.names <= Limits.names else {
      throw Failure(
        offset: offset,
        reason: bytes.count > Limits.nameBytes
          ? "a name has \(bytes.count) bytes; the limit is \(Limits.nameBytes)"
          : "it has more than \(Limits.names) names", isLimit: true)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Refuses a list that would become longer than any tensor.
  private func requireRoom(_ count: Int) throws(Failure) {
    guard count <= Limits.elements else {
      throw Failure(
        offset: offset,
        reason: "a list has \(count) or more values; the limit is \(Limits.elements)",
        isLimit: true)
    }
  }

  /// A signed integer, as protobuf stores `int32`, `int64` and enumerations.
  package func integer() throws(Failure) -> Int64 {
    guard case .varint(let bits) = value else { throw mismatch() }
    return Int64(bitPattern: bits)
  }

  package func float() throws(Failure) -> Float {
    guard case .fixed32(let bits) = value else { throw mismatch() }
    return Float(bitPattern: bits)
  }

  /// Appends one integer, or all integers of a packed field.
  package func append(to values: inout [Int64]) throws(Failure) {
    try requireRoom(values.count + 1)
    guard case .bytes(let slice) = value else { return values.append(try integer()) }
    var reader = ProtobufReader(packed: slice, of: self)
    while !reader.isAtEnd {
      try requireRoom(values.count + 1)
      values.append(Int64(bitPattern: try reader.varint()))
    }
  }

  /// Appends one float, or all floats of a packed field.
  package func append(to values: inout [Float]) throws(Failure) {
    try requireRoom(values.count + 1)
    guard case .bytes(let slice) = value else { return values.append(try float()) }
    guard slice.count % 4 == 0 else { throw mismatch() }
    try requireRoom(values.count + slice.count / 4)
    values += LittleEndian.words(slice, as: UInt32.self).map { Float(bitPattern: $0) }
  }

  /// Appends one double, or all doubles of a packed field.
  package func append(to values: inout [Double]) throws(Failure) {
    try requireRoom(values.count + 1)
    switch value {
    case .fixed64(let bits): values.append(Double(bitPattern: bits))
    case .bytes(let slice) where slice.count % 8 == 0:
      try requireRoom(values.count + slice.count / 8)
      values += LittleEndian.words(slice, as: UInt64.self).map { Double(bitPattern: $0) }
    default: throw mismatch()
    }
  }
}

/// Integers as files store them, the lowest byte first.
enum LittleEndian {
  /// As many whole integers as the bytes hold.
  static func words<Word: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: ArraySlice<UInt8>, as type: Word.Type
  ) -> [Word] {
    let size = MemoryLayout<Word>.size
    return bytes.withUnsafeBytes { buffer in
      (0..<buffer.count / size).map {
        Word(littleEndian: buffer.loadUnaligned(fromByteOffset: $0 * size, as: Word.self))
      }
    }
  }
}
