/// Decompression of raw deflate data (RFC 1951): stored, fixed and dynamic blocks.
package enum Inflate {
  /// The default limit of the output: 128 MiB, over twice the largest data set file.
  package static let defaultLimit = 128 << 20

  /// The bytes that `data`, one whole deflate stream, decompresses to.
  ///
  /// `limit` is the largest output in bytes that is acceptable. Throws `truncatedStream`,
  /// `corruptStream` or `outputLimit`; bytes after the stream are a `corruptStream` too.
  package static func decompress(
    _ data: [UInt8], limit: Int = defaultLimit
  ) throws(DatasetError) -> [UInt8] {
    try data.withUnsafeBufferPointer { (bytes) throws(DatasetError) -> [UInt8] in
      let input = UnsafeRawBufferPointer(bytes)
      var output = InflateOutput(expected: data.count * 4, limit: limit)
      let end = try inflate(input, from: 0, into: &output)
      guard end == input.count else {
        throw DatasetError(.corruptStream(reason: "bytes after the last block", offset: end))
      }
      return output.array()
    }
  }

  /// Appends one deflate stream, which starts at byte `start`, to `output`; returns where it ends.
  static func inflate(
    _ input: UnsafeRawBufferPointer, from start: Int, into output: inout InflateOutput
  ) throws(DatasetError) -> Int {
    var stream = InflateStream(
      reader: BitReader(input, from: start), start: output.count, limit: output.limit)
    while try !stream.block(into: &output) {}
    stream.reader.alignToByte()
    return stream.reader.byteOffset
  }
}

/// The state of one deflate stream between blocks.
private struct InflateStream {
  var reader: BitReader
  /// Where in the output this stream began: a match must not reach before it.
  let start: Int
  let limit: Int

  var truncated: DatasetError { DatasetError(.truncatedStream(offset: reader.byteOffset)) }
  var tooLong: DatasetError { DatasetError(.outputLimit(limit: limit)) }

  func corrupt(_ reason: String) -> DatasetError {
    DatasetError(.corruptStream(reason: reason, offset: reader.byteOffset))
  }

  mutating func bits(_ width: Int) throws(DatasetError) -> Int {
    reader.refill()
    let value = reader.peek(width)
    guard reader.consume(width) else { throw truncated }
    return value
  }

  /// Decodes one block; true if it says that it is the last.
  mutating func block(into output: inout InflateOutput) throws(DatasetError) -> Bool {
    let isLast = try bits(1) == 1
    switch try bits(2) {
    case 0:
      try storedBlock(into: &output)
    case 1:
      try codes(HuffmanTable.fixedLiterals, HuffmanTable.fixedDistances, into: &output)
    case 2:
      let (literals, distances) = try dynamicTables()
      try codes(literals, distances, into: &output)
    default:
      throw corrupt("reserved block type")
    }
    return isLast
  }

  private mutating func storedBlock(into output: inout InflateOutput) throws(DatasetError) {
    reader.alignToByte()
    let length = try bits(16)
    let complement = try bits(16)
    guard length ^ complement == 0xFFFF else {
      throw corrupt("length of a stored block does not match its complement")
    }
    reader.alignToByte()
    guard let bytes = reader.takeBytes(length) else { throw truncated }
    guard output.reserve(length) else { throw tooLong }
    output.append(bytes)
  }

  /// The order in which a dynamic block sends the lengths of the code length code.
  private static let lengthOrder: [Int] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
  ]

  private mutating func dynamicTables() throws(DatasetError) -> (HuffmanTable, HuffmanTable) {
    let literalCount = try bits(5) + 257
    let distanceCount = try bits(5) + 1
    let lengthCount = try bits(4) + 4
    guard literalCount <= 286, distanceCount <= 30 else {
      throw corrupt("too many codes in a dynamic block")
    }
    var codeLengths = [UInt8](repeating: 0, count: 19)
    for i in 0..<lengthCount {
      codeLengths[Self.lengthOrder[i]] = UInt8(truncatingIfNeeded: try bits(3))
    }
    guard let table = HuffmanTable(lengths: codeLengths, allowsIncomplete: false) else {
      throw corrupt("invalid code length code")
    }
    let lengths = try codeLengthRuns(table, count: literalCount + distanceCount)
    guard lengths[256] != 0 else { throw corrupt("no code for the end of a block") }
    guard
      let literals = HuffmanTable(lengths: lengths[..<literalCount], allowsIncomplete: true)
    else { throw corrupt("invalid literal and length code") }
    guard
      let distances = HuffmanTable(lengths: lengths[literalCount...], allowsIncomplete: true)
    else { throw corrupt("invalid distance code") }
    return (literals, distances)
  }

  /// Reads `count` code lengths, which the stream sends with runs.
  private mutating func codeLengthRuns(
    _ table: HuffmanTable, count: Int
  ) throws(DatasetError) -> [UInt8] {
    var lengths: [UInt8] = []
    lengths.reserveCapacity(count)
    while lengths.count < count {
      reader.refill()
      let entry = Int(table.entries[reader.peek(table.width)])
      guard reader.consume(entry & 15) else { throw truncated }
      let symbol = entry >> 4
      guard symbol >= 16 else {
        lengths.append(UInt8(truncatingIfNeeded: symbol))
        continue
      }
      var value: UInt8 = 0
      let run: Int
      switch symbol {
      case 16:
        guard let previous = lengths.last else { throw corrupt("repeat of no code length") }
        value = previous
        run = try bits(2) + 3
      case 17: run = try bits(3) + 3
      default: run = try bits(7) + 11
      }
      guard lengths.count + run <= count else { throw corrupt("too many code lengths") }
      lengths.append(contentsOf: repeatElement(value, count: run))
    }
    return lengths
  }

  /// Decodes the symbols of a block up to its end.
  private mutating func codes(
    _ literals: HuffmanTable, _ distances: HuffmanTable, into output: inout InflateOutput
  ) throws(DatasetError) {
    try literals.entries.withUnsafeBufferPointer { (literalEntries) throws(DatasetError) in
      try distances.entries.withUnsafeBufferPointer { (distanceEntries) throws(DatasetError) in
        // A local copy keeps the bit buffer in registers; every error below ends the stream.
        var local = self
        defer { self = local }
        try local.symbols(
          literalEntries, literals.width, distanceEntries, distances.width, into: &output)
      }
    }
  }

  @inline(__always)
  private mutating func symbols(
    _ literals: UnsafeBufferPointer<UInt16>, _ literalWidth: Int,
    _ distances: UnsafeBufferPointer<UInt16>, _ distanceWidth: Int,
    into output: inout InflateOutput
  ) throws(DatasetError) {
    while true {
      // 56 bits hold the longest symbol: 15 + 5 for a length, 15 + 13 for a distance.
      reader.refill()
      let entry = Int(literals[reader.peek(literalWidth)])
      guard entry != 0 else { throw badCode(literalWidth, "unused literal or length code") }
      guard reader.consume(entry & 15) else { throw truncated }
      let symbol = entry >> 4
      if symbol < 256 {
        guard output.reserve(1) else { throw tooLong }
        output.append(UInt8(truncatingIfNeeded: symbol))
        continue
      }
      if symbol == 256 { return }
      guard symbol <= 285 else { throw corrupt("invalid length symbol") }
      let (lengthBase, lengthExtra) = Self.lengthOf(symbol)
      let length = lengthBase &+ reader.peek(lengthExtra)
      guard reader.consume(lengthExtra) else { throw truncated }

      let distanceEntry = Int(distances[reader.peek(distanceWidth)])
      guard distanceEntry != 0 else { throw badCode(distanceWidth, "unused distance code") }
      guard reader.consume(distanceEntry & 15) else { throw truncated }
      let distanceSymbol = distanceEntry >> 4
      guard distanceSymbol < 30 else { throw corrupt("invalid distance symbol") }
      let (distanceBase, distanceExtra) = Self.distanceOf(distanceSymbol)
      let distance = distanceBase &+ reader.peek(distanceExtra)
      guard reader.consume(distanceExtra) else { throw truncated }

      guard distance <= output.count &- start else {
        throw corrupt("distance reaches before the start")
      }
      guard output.reserve(length) else { throw tooLong }
      output.repeatBytes(distance: distance, length: length)
    }
  }

  /// The error for bits that no code has: at the end of the input the bits are not its own.
  private func badCode(_ width: Int, _ reason: String) -> DatasetError {
    var rest = reader
    return rest.consume(width) ? corrupt(reason) : truncated
  }

  /// The length that symbol 257 … 285 starts at, and the number of extra bits it has.
  @inline(__always)
  private static func lengthOf(_ symbol: Int) -> (base: Int, extra: Int) {
    let index = symbol &- 257
    if index < 8 { return (index &+ 3, 0) }
    if index == 28 { return (258, 0) }
    let extra = (index >> 2) &- 1
    return (3 &+ ((4 &+ (index & 3)) << extra), extra)
  }

  /// The distance that symbol 0 … 29 starts at, and the number of extra bits it has.
  @inline(__always)
  private static func distanceOf(_ symbol: Int) -> (base: Int, extra: Int) {
    if symbol < 4 { return (symbol &+ 1, 0) }
    let extra = (symbol >> 1) &- 1
    return (1 &+ ((2 &+ (symbol & 1)) << extra), extra)
  }
}
