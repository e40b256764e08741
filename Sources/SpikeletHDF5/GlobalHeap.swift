extension ObjectReader {
  /// The text that a reference leads to: its length, the address of a collection, a number in it.
  mutating func text(_ reference: ArraySlice<UInt8>) throws(HDF5Error) -> String {
    var cursor = ByteCursor(
      file: FileBytes(Array(reference), like: file), position: 0, end: reference.count)
    let length = try cursor.int(4)
    let place = try cursor.address()
    let index = try cursor.int(4)
    guard length > 0, let place, place > 0 else { return "" }
    text += length
    guard text <= HDF5Limits.text else {
      throw HDF5Error("texts of more than \(HDF5Limits.text) bytes in all")
    }
    if collections[place] == nil { collections[place] = try collection(at: place) }
    guard let range = collections[place]?[index], length <= range.count else {
      throw HDF5Error("a text that is not in its heap", offset: place)
    }
    // Some writers count the zero that ends a text.
    let bytes = file.all[range.lowerBound..<range.lowerBound + length].prefix { $0 != 0 }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Where the objects of a collection lie in the file.
  private func collection(at address: Int) throws(HDF5Error) -> [Int: Range<Int>] {
    var head = try file.cursor(at: address)
    try head.signature("GCOL")
    _ = try head.version("a collection", [1])
    try head.skip(3)
    let size = try head.length()
    let begun = head.position - file.base - address
    guard size >= begun else { throw HDF5Error("a collection without room", offset: address) }
    var cursor = try file.cursor(at: address, count: size)
    try cursor.skip(begun)
    var objects: [Int: Range<Int>] = [:]
    while cursor.remaining >= 8 + file.lengthWidth {
      let index = try cursor.int(2)
      try cursor.skip(6)
      let length = try cursor.length()
      // Number 0 is the free space, which comes last.
      guard index != 0 else { break }
      let start = cursor.position
      try cursor.skip(length)
      objects[index] = start..<start + length
      try cursor.skip(min(cursor.remaining, (8 - length % 8) % 8))
    }
    return objects
  }
}

extension FileBytes {
  /// Other bytes with the same widths.
  init(_ all: [UInt8], like other: FileBytes) {
    self.init(all)
    addressWidth = other.addressWidth
    lengthWidth = other.lengthWidth
  }
}
