import Foundation

/// Where the files of a known data set are.
package enum DatasetFiles {
  /// Finds all files of a split, each plain or with `.gz`, in one folder below or at `directory`.
  ///
  /// Throws `missing`, with the files that the most complete folder lacks.
  static func locate(
    _ name: DatasetName, _ split: Split, in directory: URL
  ) throws(DatasetError) -> [URL] {
    let folders = searchFolders(name, in: directory)
    let files = name.files(split)
    var fewestMissing = files
    for folder in folders {
      var found: [URL] = []
      var missing: [String] = []
      for file in files {
        if let url = existing(file, in: folder) { found.append(url) } else { missing.append(file) }
      }
      if missing.isEmpty { return found }
      if missing.count < fewestMissing.count { fewestMissing = missing }
    }
    throw DatasetError(
      .missing(
        files: fewestMissing.map { "\($0)[.gz]" }, folders: folders.map(\.path),
        command: name.command))
  }

  /// Whether a folder holds the data set: a file of it, and pictures of its shape.
  static func isThere(_ name: DatasetName, in directory: URL) -> Bool {
    let urls =
      (try? locate(name, .test, in: directory)) ?? (try? locate(name, .train, in: directory))
    guard let urls else { return false }
    guard name == .mnist || name == .fashionMNIST else { return true }
    guard let store = try? ByteStore.open(urls[0].path),
      let header = try? ArrayHeader.idx(store)
    else { return true }
    let shape = name.shape
    return header.extents.dropFirst() == [shape.height, shape.width]
  }

  /// The folders to look in, the preferred first.
  private static func searchFolders(_ name: DatasetName, in directory: URL) -> [URL] {
    let below = name.folders.map { directory.appendingPathComponent($0, isDirectory: true) }
    // MNIST and Fashion-MNIST name their files alike: a folder named after one is not the other.
    let others = DatasetName.allCases.filter { $0 != name }.map(\.rawValue)
    return others.contains(directory.lastPathComponent) ? below : below + [directory]
  }

  private static func existing(_ file: String, in folder: URL) -> URL? {
    [file, file + ".gz"].map { folder.appendingPathComponent($0) }.first { url in
      var isDirectory: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory)
      return exists && !isDirectory.boolValue
    }
  }
}
