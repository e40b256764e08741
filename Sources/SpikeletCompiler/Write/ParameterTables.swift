import SpikeletRuntime

/// The parameters section of a model file: tables of per-channel values, equal bytes only once.
///
/// A table points anywhere into the section, so tables may lie in each other. Where nothing is reset,
/// initials, biases and reset amounts are zeros, and clamps that never act are the ends of the width:
/// at one timestep only the thresholds differ from channel to channel.
struct ParameterTables {
  private(set) var bytes: [UInt8] = []
  /// False gives each table bytes of its own.
  var areShared = true

  /// Finds or appends one table of values; returns its offset, a multiple of 4.
  ///
  /// - Parameters:
  ///   - bits: 16 or 32, the width of a value.
  ///   - padded: whether zeros fill the last block of lanes.
  mutating func place(_ values: [Int], bits: Int, padded: Bool = true) -> Int32 {
    place(tables: [values], bits: bits, padded: padded)
  }

  /// Finds or appends the tables of one threshold after the other as one; returns its offset.
  mutating func place(tables: [[Int]], bits: Int, padded: Bool = true) -> Int32 {
    var table: [UInt8] = []
    for values in tables {
      let count = padded ? SpikeletRuntime.padded(values.count) : values.count
      for i in 0..<count {
        let value = i < values.count ? values[i] : 0
        if bits == 16 {
          table.append(littleEndian: Int16(value))
        } else {
          table.append(littleEndian: Int32(value))
        }
      }
    }
    // The first place where all bytes that are there agree; whatever hangs over the end is appended.
    var offset = areShared ? 0 : bytes.count
    while !bytes[offset...].starts(with: table.prefix(bytes.count - offset)) { offset += 4 }
    bytes += table.dropFirst(bytes.count - offset)
    return Int32(offset)
  }
}

extension [UInt8] {
  fileprivate mutating func append<Integer: FixedWidthInteger>(littleEndian value: Integer) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
