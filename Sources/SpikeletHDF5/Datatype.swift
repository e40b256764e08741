/// How an element is stored.
struct Datatype {
  enum Kind {
    case integer(isSigned: Bool, isBigEndian: Bool)
    case real(isBigEndian: Bool)
    case fixedString
    case variableString
  }

  var kind: Kind
  /// The bytes of an element.
  var size: Int

  init(_ cursor: inout ByteCursor, isBase: Bool = false) throws(HDF5Error) {
    let start = cursor.position
    let head = try cursor.int(1)
    let version = head >> 4
    guard (1...5).contains(version) else {
      throw HDF5Error("a type of version \(version), known are 1 to 5", offset: start)
    }
    let bits = try cursor.int(1)
    try cursor.skip(2)
    size = try cursor.int(4)
    let name: String
    switch head & 15 {
    case 0:
      kind = .integer(isSigned: bits & 8 != 0, isBigEndian: bits & 1 != 0)
      guard [1, 2, 4, 8].contains(size) else {
        throw HDF5Error("whole numbers of \(size) bytes, needed 1, 2, 4 or 8", offset: start)
      }
      let offset = try cursor.int(2)
      let precision = try cursor.int(2)
      guard offset == 0, precision == size * 8 else {
        throw HDF5Error("whole numbers of \(precision) of \(size * 8) bits", offset: start)
      }
      return
    case 1:
      kind = .real(isBigEndian: bits & 1 != 0)
      guard [2, 4, 8].contains(size), bits & 0x40 == 0 else {
        throw HDF5Error(
          "floating point numbers of \(size) bytes, needed IEEE 754 of 2, 4 or 8", offset: start)
      }
      return
    case 3:
      kind = .fixedString
      guard (1...4096).contains(size) else {
        throw HDF5Error("text of \(size) bytes, needed 1 to 4096", offset: start)
      }
      return
    case 8 where !isBase:
      // Truth values of NumPy: names for two of the whole numbers.
      self = try Datatype(&cursor, isBase: true)
      guard case .integer = kind else {
        throw HDF5Error("an enumeration of what are no whole numbers", offset: start)
      }
      return
    case 9:
      guard bits & 15 == 1 else { fallthrough }
      kind = .variableString
      guard size == 8 + cursor.file.addressWidth else {
        throw HDF5Error("references to text of \(size) bytes", offset: start)
      }
      return
    default:
      let names = [
        2: "times", 4: "bit fields", 5: "opaque bytes", 6: "compounds", 7: "references",
        9: "sequences of variable length", 10: "arrays",
      ]
      name = names[head & 15] ?? "a type of class \(head & 15)"
    }
    throw HDF5Error("holds \(name), needed numbers or text", offset: start)
  }

  /// The elements of `data`; `text` gives the text of a reference.
  func values(
    _ data: [UInt8], text: (_ reference: ArraySlice<UInt8>) throws(HDF5Error) -> String
  ) throws(HDF5Error) -> HDF5Array.Values {
    let starts = stride(from: 0, to: data.count, by: size)
    switch kind {
    case .integer(let isSigned, let isBigEndian):
      var values: [Int] = []
      values.reserveCapacity(data.count / size)
      for start in starts {
        let raw = word(data, start, isBigEndian)
        let unused = UInt64(64 - 8 * size)
        if isSigned {
          values.append(Int(Int64(bitPattern: raw << unused) >> Int64(unused)))
        } else if let value = Int(exactly: raw) {
          values.append(value)
        } else {
          throw HDF5Error("the number \(raw), needed at most \(Int.max)")
        }
      }
      return .integers(values)
    case .real(let isBigEndian):
      var values: [Double] = []
      values.reserveCapacity(data.count / size)
      for start in starts {
        let raw = word(data, start, isBigEndian)
        switch size {
        case 2: values.append(Self.half(UInt16(truncatingIfNeeded: raw)))
        case 4: values.append(Double(Float(bitPattern: UInt32(truncatingIfNeeded: raw))))
        default: values.append(Double(bitPattern: raw))
        }
      }
      return .reals(values)
    case .fixedString:
      return .strings(
        starts.map { start in
          // Zeros fill what the text leaves.
          let bytes = data[start..<start + size].prefix { $0 != 0 }
          return String(decoding: bytes, as: UTF8.self)
        })
    case .variableString:
      var values: [String] = []
      for start in starts { values.append(try text(data[start..<start + size])) }
      return .strings(values)
    }
  }

  private func word(_ data: [UInt8], _ start: Int, _ isBigEndian: Bool) -> UInt64 {
    var raw: UInt64 = 0
    for i in 0..<size {
      raw = raw << 8 | UInt64(data[isBigEndian ? start + i : start + size - 1 - i])
    }
    return raw
  }

  /// IEEE 754 half precision.
  private static func half(_ bits: UInt16) -> Double {
    let sign: Double = bits >> 15 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 31)
    let fraction = Double(bits & 1023)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default:
      return sign * (1024 + fraction) * Double(sign: .plus, exponent: exponent - 25, significand: 1)
    }
  }
}
