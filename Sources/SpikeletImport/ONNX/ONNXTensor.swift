/// A tensor as the file stores it: its values may be raw bytes, typed lists or in another file.
struct ONNXTensor {
  var name = ""
  var extents: [Int64] = []
  var type: Int64 = 0
  var raw: ArraySlice<UInt8>?
  var floats: [Float] = []
  /// Integers of up to 32 bits, and the bits of 16-bit floats.
  var int32s: [Int64] = []
  var int64s: [Int64] = []
  var doubles: [Double] = []
  /// Where the values are when they are in another file: `location`, `offset`, `length`.
  var external: [String: String]?

  /// The types of elements that are read, by their numbers in `onnx.proto`.
  enum ElementType: Int64 {
    case float = 1
    case uint8, int8, uint16, int16, int32, int64
    case bool = 9
    case float16 = 10
    case double = 11
    case bfloat16 = 16
    case uint4 = 21
    case int4 = 22

    var isFloat: Bool {
      switch self {
      case .float, .float16, .double, .bfloat16: true
      default: false
      }
    }

    /// The bytes of some elements; those of 4 bits share a byte in pairs.
    func bytes(_ count: Int) -> Int {
      switch self {
      case .uint4, .int4: count / 2 + count % 2
      case .uint8, .int8, .bool: count
      case .uint16, .int16, .float16, .bfloat16: count * 2
      case .float, .int32: count * 4
      case .int64, .double: count * 8
      }
    }
  }

  init() {}

  init(_ field: ProtobufReader.Field) throws(ProtobufReader.Failure) {
    var reader = try ProtobufReader(nested: field)
    var isExternal = false
    var locations: [String: String] = [:]
    while let field = try reader.next() {
      switch field.number {
      case 1: try field.append(to: &extents)
      case 2: type = try field.integer()
      case 4: try field.append(to: &floats)
      case 5: try field.append(to: &int32s)
      case 7: try field.append(to: &int64s)
      case 8: name = try field.string()
      case 9: raw = try field.bytes()
      case 10: try field.append(to: &doubles)
      case 13:
        var entry = try ProtobufReader(nested: field)
        var (key, value) = ("", "")
        while let field = try entry.next() {
          if field.number == 1 { key = try field.string() }
          if field.number == 2 { value = try field.string() }
        }
        locations[key] = value
      case 14: isExternal = try field.integer() == 1
      default: break
      }
    }
    if isExternal { external = locations }
  }
}

extension ONNXTensor {
  /// The number of values that the extents ask for.
  func count() throws(Rejection) -> Int {
    try Limits.checked(extents.prefix(Limits.rank + 1).map { Int(clamping: $0) })
  }

  /// The values as floats or integers.
  ///
  /// Refused: extents that are negative or too large, types that are not numbers, and lists whose
  /// lengths contradict the extents.
  func constant(_ directory: ExternalData) throws(Rejection) -> Constant {
    let count = try count()
    let shape = extents.map { Int(clamping: $0) }
    guard let type = ElementType(rawValue: type) else {
      throw .because(
        "holds elements of type \(self.type), which is not a plain number",
        hint: "export the network before it is quantized, in float32")
    }
    let bytes: ArraySlice<UInt8>?
    if let external {
      bytes = try directory.bytes(external, count: type.bytes(count))
    } else {
      bytes = raw
    }
    if let bytes {
      guard bytes.count == type.bytes(count) else {
        throw .because("holds \(bytes.count) bytes where its extents need \(type.bytes(count))")
      }
      return Constant(
        extents: shape, elements: Self.elements(bytes, type, count: count), type: type)
    }
    let elements = typedElements(type, count: count)
    guard elements.count == count else {
      throw .because("holds \(elements.count) values where its extents need \(count)")
    }
    return Constant(extents: shape, elements: elements, type: type)
  }

  private func typedElements(_ type: ElementType, count: Int) -> Constant.Elements {
    switch type {
    case .float: .floats(floats)
    case .double: .floats(doubles.map { Float($0) })
    case .float16: .floats(int32s.map { HalfPrecision.float16(UInt16(truncatingIfNeeded: $0)) })
    case .bfloat16: .floats(int32s.map { HalfPrecision.bfloat16(UInt16(truncatingIfNeeded: $0)) })
    case .int64: .integers(int64s.map { .known(Int($0)) })
    case .uint4, .int4:
      Self.elements(
        int32s.map { UInt8(truncatingIfNeeded: $0) }[...], type,
        count: int32s.count == type.bytes(count) ? count : 2 * int32s.count)
    default: .integers(int32s.map { .known(Int($0)) })
    }
  }

  private static func elements(
    _ bytes: ArraySlice<UInt8>, _ type: ElementType, count: Int
  ) -> Constant.Elements {
    func integers<Word: FixedWidthInteger & BitwiseCopyable>(_: Word.Type) -> Constant.Elements {
      .integers(LittleEndian.words(bytes, as: Word.self).map { .known(Int($0)) })
    }
    return switch type {
    case .float:
      .floats(LittleEndian.words(bytes, as: UInt32.self).map { Float(bitPattern: $0) })
    case .double:
      .floats(LittleEndian.words(bytes, as: UInt64.self).map { Float(Double(bitPattern: $0)) })
    case .float16: .floats(LittleEndian.words(bytes, as: UInt16.self).map(HalfPrecision.float16))
    case .bfloat16: .floats(LittleEndian.words(bytes, as: UInt16.self).map(HalfPrecision.bfloat16))
    case .uint4, .int4: .integers(nibbles(bytes, isSigned: type == .int4, count: count))
    case .uint8, .bool: integers(UInt8.self)
    case .int8: integers(Int8.self)
    case .uint16: integers(UInt16.self)
    case .int16: integers(Int16.self)
    case .int32: integers(Int32.self)
    case .int64: integers(Int64.self)
    }
  }

  /// Integers of 4 bits, the first of two in the low half of a byte.
  private static func nibbles(
    _ bytes: ArraySlice<UInt8>, isSigned: Bool, count: Int
  ) -> [Constant.Integer] {
    var result: [Constant.Integer] = []
    result.reserveCapacity(count + 1)
    for byte in bytes {
      for nibble in [Int(byte & 15), Int(byte >> 4)] {
        result.append(.known(isSigned && nibble > 7 ? nibble - 16 : nibble))
      }
    }
    return Array(result.prefix(count))
  }
}

/// Floats of 16 bits, decoded by hand because `Float16` does not exist on every host.
enum HalfPrecision {
  static func float16(_ bits: UInt16) -> Float {
    let magnitude = UInt32(bits & 0x7FFF)
    let sign = UInt32(bits & 0x8000) << 16
    switch magnitude {
    case 0x7C00...:  // Infinity, or NaN with its payload.
      return Float(bitPattern: sign | 0x7F80_0000 | (magnitude & 0x3FF) << 13)
    case 0x0400...:
      return Float(bitPattern: sign | (magnitude << 13 + (127 - 15) << 23))
    default:  // A subnormal value counts units of 2⁻²⁴.
      return Float(sign: sign == 0 ? .plus : .minus, exponent: -24, significand: Float(magnitude))
    }
  }

  static func bfloat16(_ bits: UInt16) -> Float {
    Float(bitPattern: UInt32(bits) << 16)
  }
}
