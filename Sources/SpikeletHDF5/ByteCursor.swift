/// The bytes of a file with the widths that its superblock names; every read is checked.
struct FileBytes: Sendable {
  let all: [UInt8]
  /// The bytes of an address and of a length: 2, 4 or 8.
  var addressWidth = 8
  var lengthWidth = 8
  /// What addresses are counted from.
  var base = 0

  init(_ all: [UInt8]) { self.all = all }

  /// A cursor over `count` bytes from an address of the file, or over all that follow it.
  func cursor(at address: Int, count: Int? = nil) throws(HDF5Error) -> ByteCursor {
    let (start, overflow) = address.addingReportingOverflow(base)
    guard address >= 0, !overflow, start <= all.count else {
      throw HDF5Error("an address lies outside of the file", offset: overflow ? nil : start)
    }
    let rest = all.count - start
    let wanted = count ?? rest
    guard wanted >= 0, wanted <= rest else {
      throw HDF5Error("ends inside of a block of \(wanted) bytes", offset: start)
    }
    return ByteCursor(file: self, position: start, end: start + wanted)
  }
}

/// Reads little-endian numbers one after the other, up to an end.
struct ByteCursor {
  let file: FileBytes
  /// The byte of the file that is read next.
  private(set) var position: Int
  let end: Int

  init(file: FileBytes, position: Int, end: Int) {
    self.file = file
    self.position = position
    self.end = end
  }

  var remaining: Int { end - position }

  mutating func skip(_ count: Int) throws(HDF5Error) {
    guard count >= 0, count <= remaining else {
      throw HDF5Error("ends inside of a block that needs \(count) bytes more", offset: position)
    }
    position += count
  }

  /// A whole number of 1 to 8 bytes.
  mutating func unsigned(_ width: Int) throws(HDF5Error) -> UInt64 {
    let start = position
    try skip(width)
    var value: UInt64 = 0
    for byte in (start..<start + width).reversed() { value = value << 8 | UInt64(file.all[byte]) }
    return value
  }

  /// A whole number of up to 4 bytes.
  mutating func int(_ width: Int) throws(HDF5Error) -> Int {
    Int(truncatingIfNeeded: try unsigned(min(width, 4)))
  }

  /// A length, of which no file can have more than fit an `Int`.
  mutating func length() throws(HDF5Error) -> Int { try size(file.lengthWidth) }

  /// A size of 1 to 8 bytes.
  mutating func size(_ width: Int) throws(HDF5Error) -> Int {
    let start = position
    guard let value = Int(exactly: try unsigned(width)) else {
      throw HDF5Error("names a size that no file has", offset: start)
    }
    return value
  }

  /// An address, or nil for the one that means "nowhere".
  mutating func address() throws(HDF5Error) -> Int? {
    let start = position
    let value = try unsigned(file.addressWidth)
    if value == UInt64.max >> UInt64(64 - 8 * file.addressWidth) { return nil }
    guard let address = Int(exactly: value) else {
      throw HDF5Error("an address lies outside of the file", offset: start)
    }
    return address
  }

  /// An address that has to be one.
  mutating func place(_ what: String) throws(HDF5Error) -> Int {
    let start = position
    guard let address = try address() else {
      throw HDF5Error("\(what) lies nowhere", offset: start)
    }
    return address
  }

  mutating func bytes(_ count: Int) throws(HDF5Error) -> ArraySlice<UInt8> {
    let start = position
    try skip(count)
    return file.all[start..<start + count]
  }

  /// Four letters that a block begins with.
  mutating func signature(_ letters: String) throws(HDF5Error) {
    let start = position
    guard try bytes(4).elementsEqual(letters.utf8) else {
      throw HDF5Error("no \(letters) where one has to be", offset: start)
    }
  }

  /// A version, which has to be one of those that are known.
  mutating func version(_ what: String, _ known: [Int]) throws(HDF5Error) -> Int {
    let start = position
    let version = try int(1)
    guard known.contains(version) else {
      let list = known.map { "\($0)" }.joined(separator: ", ")
      throw HDF5Error("\(what) of version \(version), known are \(list)", offset: start)
    }
    return version
  }
}
