import Foundation

/// What the numbers of an array are.
package struct ElementType: Equatable, Sendable {
  package enum Kind: Sendable { case unsigned, signed, float }

  package let kind: Kind
  /// Bytes of a number: 1, 2, 4 or 8.
  package let size: Int
  package let isBigEndian: Bool

  package init(_ kind: Kind, size: Int, isBigEndian: Bool = false) {
    self.kind = kind
    self.size = size
    self.isBigEndian = isBigEndian
  }

  /// Unsigned bytes.
  package static let byte = ElementType(.unsigned, size: 1)

  /// In words, such as "32-bit floats".
  package var name: String {
    switch kind {
    case .unsigned: "unsigned \(size * 8)-bit integers"
    case .signed: "\(size * 8)-bit integers"
    case .float: "\(size * 8)-bit floats"
    }
  }

  /// The bits of number `index` of bytes that hold it.
  @inline(__always)
  private func bits(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> UInt64 {
    var value: UInt64 = 0
    for byte in 0..<size {
      let position = isBigEndian ? byte : size - 1 - byte
      value = value << 8 | UInt64(bytes[index * size + position])
    }
    return value
  }

  /// Number `index` of bytes that hold it.
  func number(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Double {
    let bits = bits(bytes, index)
    switch (kind, size) {
    case (.float, 4): return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case (.float, _): return Double(bitPattern: bits)
    case (.unsigned, _): return Double(bits)
    case (.signed, _):
      let shift = UInt64(64 - size * 8)
      return Double(Int64(bitPattern: bits << shift) >> Int64(shift))
    }
  }
}

/// How the numbers of an array become pixels.
package struct ArrayElements: Equatable, Sendable {
  package let type: ElementType
  /// What a number is multiplied by before it is rounded; nil for numbers that are pixels already.
  package let scale: Double?

  /// Numbers of a type; `scale` is what they are multiplied by.
  package init(_ type: ElementType, scale: Double? = nil) {
    self.type = type
    self.scale = scale
  }

  /// The pixels of whole numbers' bytes.
  ///
  /// Throws `unusable` for a number that is none of 0 … 255 when it is scaled and rounded.
  package func pixels(_ bytes: ArraySlice<UInt8>) throws(DatasetError) -> ArraySlice<UInt8> {
    if type == .byte, scale == nil { return bytes }
    let count = bytes.count / type.size
    var wrong: (index: Int, value: Double)?
    let result = bytes.withUnsafeBytes { raw in
      [UInt8](unsafeUninitializedCapacity: count) { target, filled in
        for index in 0..<count {
          let value = type.number(raw, index)
          let pixel = (value * (scale ?? 1)).rounded()
          if pixel >= 0, pixel <= 255, scale != nil || pixel == value {
            target[index] = UInt8(pixel)
          } else {
            if wrong == nil { wrong = (index, value) }
            target[index] = 0
          }
        }
        filled = count
      }
    }
    guard let wrong else { return result[...] }
    let times = scale.map { " times the scale \(Self.text($0))" } ?? ""
    throw DatasetError(
      .unusable(
        reason: "value \(wrong.index) is \(Self.text(wrong.value))\(times), needed 0 to 255",
        remedy: scale == nil
          ? "say with --data-scale what a value is multiplied by"
          : "choose another --data-scale, or shift the values where they are made"))
  }

  /// A number without needless digits.
  static func text(_ value: Double) -> String {
    if let whole = Int(exactly: value) { return "\(whole)" }
    return "\(value)"
  }
}
