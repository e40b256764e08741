/// The first block of a file: the widths of its addresses, and where its root group is.
struct Superblock {
  var file: FileBytes
  /// The address of the root group's object header.
  var root: Int

  init(_ bytes: [UInt8]) throws(HDF5Error) {
    guard bytes.starts(with: HDF5File.signature) else {
      throw HDF5Error("not an HDF5 file", offset: 0)
    }
    var file = FileBytes(bytes)
    var cursor = ByteCursor(file: file, position: 8, end: bytes.count)
    let version = try cursor.version("a superblock", [0, 1, 2, 3])
    if version < 2 { try cursor.skip(4) }
    for path in [\FileBytes.addressWidth, \.lengthWidth] {
      let width = try cursor.int(1)
      guard [2, 4, 8].contains(width) else {
        throw HDF5Error(
          "addresses or lengths of \(width) bytes, needed 2, 4 or 8", offset: cursor.position - 1)
      }
      file[keyPath: path] = width
    }
    // What comes between: the sizes of nodes, which every node tells as well, and flags.
    try cursor.skip(version == 0 ? 9 : version == 1 ? 13 : 1)
    cursor = ByteCursor(file: file, position: cursor.position, end: bytes.count)
    let base = try cursor.place("the file")
    _ = try cursor.address()
    let end = try cursor.place("the end of the file")
    guard end <= bytes.count else {
      throw HDF5Error(
        "the file is truncated: it says that it has \(end) bytes, and has \(bytes.count)")
    }
    if version < 2 {
      _ = try cursor.address()
      // The root group's entry: the offset of a name that it does not have comes first.
      try cursor.skip(file.addressWidth)
    }
    root = try cursor.place("the root group")
    guard base == 0 else {
      throw HDF5Error(
        "the file's addresses begin at byte \(base)", advice: "write it without a user block")
    }
    self.file = file
  }
}
