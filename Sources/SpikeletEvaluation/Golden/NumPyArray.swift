import Foundation

/// An array of a `.npy` file (format 1.0): unsigned bytes or doubles, little-endian, C order.
package struct NumPyArray: Sendable {
  package var shape: [Int]
  package var values: [Double]

  /// Reads a file's bytes.
  ///
  /// - Parameter file: names it in messages.
  package init(_ bytes: [UInt8], file: String) throws(GoldenError) {
    func damaged(_ reason: String) -> GoldenError {
      .damaged(file: file, line: 1, reason: reason)
    }
    guard bytes.count >= 10, Array(bytes[0..<8]) == [0x93, 78, 85, 77, 80, 89, 1, 0] else {
      throw damaged("is not a .npy file of format 1.0")
    }
    let start = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
    guard start <= bytes.count else { throw damaged("is cut short in its header") }
    let header = String(decoding: bytes[10..<start], as: UTF8.self)
    guard header.contains("'fortran_order': False"), let open = header.firstIndex(of: "("),
      let close = header[open...].firstIndex(of: ")")
    else { throw damaged("has an unknown header") }
    let parts = header[header.index(after: open)..<close].split(separator: ",")
    let sizes = parts.compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
    var count = 1
    for size in sizes {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow, product <= 1 << 32 else { throw damaged("has an unusable shape") }
      count = product
    }
    guard sizes.count == parts.count else { throw damaged("has an unusable shape") }
    let width = header.contains("'|u1'") ? 1 : header.contains("'<f8'") ? 8 : 0
    guard width > 0 else { throw damaged("holds neither bytes nor doubles") }
    guard bytes.count - start == count * width else {
      throw damaged("has \(bytes.count - start) bytes of values, needed \(count * width)")
    }
    shape = sizes
    values = (0..<count).map { i in
      if width == 1 { return Double(bytes[start + i]) }
      var pattern: UInt64 = 0
      for byte in 0..<8 { pattern |= UInt64(bytes[start + i * 8 + byte]) << UInt64(8 * byte) }
      return Double(bitPattern: pattern)
    }
  }
}
