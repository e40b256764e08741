import SpikeletHDF5

/// HDF5 files: every dataset that can be read, and the message of every other one.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  let bytes = input(data, size)
  attempt("hdf5") {
    let file = try HDF5File.read(bytes)
    counts.count(count(file) > 0 ? "datasets" : "no-datasets")
  }
  return 0
}

/// The datasets of a file that can be read; the messages of the others have to be made.
private func count(_ item: HDF5Item) -> Int {
  switch item {
  case .group(let members): return members.values.reduce(0) { $0 + count($1) }
  case .link: return 0
  case .dataset(.success(let array)):
    // The values are as many as the extents say.
    let count =
      switch array.values {
      case .integers(let values): values.count
      case .reals(let values): values.count
      case .strings(let values): values.count
      }
    precondition(count == array.shape.reduce(1, *), "the shape has other elements")
    return 1
  case .dataset(.failure(let error)):
    precondition(!"\(error)".contains("\u{1B}"), "a message steers the terminal")
    return 0
  }
}
