import Foundation

/// A folder of pictures: one folder a class, perhaps below `train/` and `test/`, or pictures
/// alone, or files of arrays.
struct DataFolder {
  private let request: DataRequest
  private let path: String

  init(_ request: DataRequest) {
    self.request = request
    path = request.path
  }

  /// What a folder directly holds, without hidden entries, in the order of their bytes.
  private struct Entries {
    var folders: [String] = []
    var files: [String] = []

    init(_ path: String) throws(DatasetError) {
      let names: [String]
      do {
        names = try FileManager.default.contentsOfDirectory(atPath: path)
      } catch {
        throw DatasetError(.unreadable(reason: "it is a folder that cannot be listed"), file: path)
      }
      for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) })
      where !name.hasPrefix(".") && name != "__MACOSX" && name != "Thumbs.db" {
        if OwnData.isFolder("\(path)/\(name)") == true {
          folders.append(name)
        } else {
          files.append(name)
        }
      }
    }

    var pictures: [String] {
      files.filter {
        BitmapFormat.extensions.contains(URL(filePath: $0).pathExtension.lowercased())
      }
    }
  }

  func find() throws(DatasetError) -> FoundPictures {
    let entries = try Entries(path)
    guard !entries.folders.isEmpty || !entries.files.isEmpty else {
      throw nothing("is empty", "put one folder of pictures for each class into it")
    }
    let parts = splitFolders(entries)
    if !parts.isEmpty { return try findParts(parts, entries) }
    var hasPictures = false
    for name in entries.folders where !hasPictures {
      hasPictures = try !Entries("\(path)/\(name)").pictures.isEmpty
    }
    if hasPictures { return try classFolders([(path, entries.folders)], names: nil) }
    if !entries.pictures.isEmpty { return try plainPictures(entries.pictures) }
    if let found = try arrays(entries) { return found }
    guard entries.folders.isEmpty else {
      throw nothing(
        "has folders, but no pictures in any of them",
        "put the PNG, PGM or PPM pictures of each class into one folder")
    }
    throw nothing("has no pictures", "needed PNG, PGM, PPM, .npy, .npz, IDX or .csv")
  }

  private func nothing(_ reason: String, _ remedy: String) -> DatasetError {
    DatasetError(.noPictures(reason: reason, remedy: remedy), file: path)
  }

  private func refused(_ reason: String, _ remedy: String) -> DatasetError {
    DatasetError(.unusable(reason: reason, remedy: remedy), file: path)
  }

  /// The folders that are parts of the set, by what they are.
  private func splitFolders(_ entries: Entries) -> [Split: String] {
    func first(_ names: [String]) -> String? {
      names.lazy.compactMap { name in entries.folders.first { $0.lowercased() == name } }.first
    }
    guard let training = first(["train", "training"]) else {
      return first(["test"]).map { [.test: $0] } ?? [:]
    }
    var parts = [Split.train: training]
    parts[.test] = first(["test", "testing", "val", "valid", "validation"])
    return parts
  }

  private func findParts(
    _ parts: [Split: String], _ entries: Entries
  ) throws(DatasetError) -> FoundPictures {
    let wanted: [Split] = request.split == .all ? [.train, .test] : [request.split]
    let folders = wanted.compactMap { parts[$0] }.map { "\(path)/\($0)" }
    guard !folders.isEmpty else {
      let other = parts.values.first ?? ""
      throw refused(
        "has \(other)/, but no folder \(request.split.rawValue)/",
        "add it, or give \(other)/ alone, of which a part is then held back")
    }
    var sources: [(folder: String, classes: [String])] = []
    for folder in folders { sources.append((folder, try Entries(folder).folders)) }
    // The training part has every class; another may lack some.
    let all = try (parts[.train] ?? parts[.test]).map { (name) throws(DatasetError) in
      try Entries("\(path)/\(name)").folders
    }
    var found = try classFolders(sources, names: all)
    found.split = request.split
    return found
  }

  /// Pictures in one folder a class, below one folder or two.
  private func classFolders(
    _ folders: [(folder: String, classes: [String])], names: [String]?
  ) throws(DatasetError) -> FoundPictures {
    let given = names ?? folders[0].classes
    let listed = try listedClasses()
    let order = listed ?? (request.classNames.isEmpty ? given : request.classNames)
    var problems: [DatasetError] = []
    if request.needsClasses, given.count < 2 {
      problems.append(
        refused(
          "has one class, \"\(given.first ?? "")\", needed two or more",
          "put one folder of pictures for each class into it"))
    }
    var files: [String] = []
    var labels: [UInt16] = []
    for (folder, classes) in folders {
      for name in classes {
        guard let label = order.firstIndex(of: name) else {
          let known = order.prefix(10).joined(separator: ", ")
          problems.append(
            DatasetError(
              .unusable(
                reason: "is no class of \(listed == nil ? "the network" : "the list"): \(known)"
                  + (order.count > 10 ? ", …" : ""),
                remedy: "rename the folder, or list the classes in classes.txt"),
              file: "\(folder)/\(name)"))
          continue
        }
        guard label <= 65_535 else { continue }
        let pictures = try Entries("\(folder)/\(name)").pictures
        if pictures.isEmpty {
          problems.append(
            DatasetError(
              .unusable(
                reason: "has no pictures",
                remedy: "put the PNG, PGM or PPM pictures of this class into it"),
              file: "\(folder)/\(name)"))
        }
        files += pictures.map { "\(folder)/\(name)/\($0)" }
        labels += pictures.map { _ in UInt16(label) }
      }
    }
    guard order.count <= 65_536 else {
      throw refused("has \(order.count) classes, needed at most 65536", "leave some out")
    }
    let source = try PictureFiles(files, needed: request.needed, problems: problems, in: path)
    return FoundPictures(
      source: source, shape: source.shape, labels: labels, classNames: order,
      kind: "folder of pictures", path: path, resizing: .files)
  }

  /// Pictures without folders for their classes.
  private func plainPictures(_ names: [String]) throws(DatasetError) -> FoundPictures {
    let files = names.map { "\(path)/\($0)" }
    let source = try PictureFiles(files, needed: request.needed, problems: [], in: path)
    var found = FoundPictures(
      source: source, shape: source.shape, classNames: try listedClasses() ?? [],
      kind: "folder of pictures", split: FileWords(URL(filePath: path).lastPathComponent).split,
      path: path, resizing: .files)
    if let file = request.options.labels {
      let read = try LabelFile(file, names: found.classNames + request.classNames)
      (found.labels, found.classNames) = (read.labels, read.classNames)
    }
    return found
  }

  /// The classes of `--classes` or `classes.txt`, here or in the folder above.
  private func listedClasses() throws(DatasetError) -> [String]? {
    try ClassList.find(request.options.classes, near: path)
  }

  /// The files of arrays that hold what is asked for; nil where there are none.
  private func arrays(_ entries: Entries) throws(DatasetError) -> FoundPictures? {
    let extensions: Set = ["npy", "npz", "csv", "tsv", "raw", "bin", "idx", "gz"]
    let candidates = entries.files.filter { name in
      let isArray =
        extensions.contains(URL(filePath: name).pathExtension.lowercased())
        || name.hasSuffix("-ubyte")
      return isArray && !FileWords(name).isLabels
    }
    guard let first = candidates.first else { return nil }
    if candidates.count == 1 { return try DataFile("\(path)/\(first)", request).find() }
    var parts: [FoundPictures] = []
    for split in request.split == .all ? [Split.train, .test] : [request.split] {
      let named = candidates.filter { FileWords($0).split == split }
      guard named.count == 1 else {
        throw refused(
          "has \(candidates.count) files that could hold the \(split.rawValue)ing pictures: "
            + candidates.prefix(6).joined(separator: ", "), "give one of them")
      }
      parts.append(try DataFile("\(path)/\(named[0])", request).find())
    }
    return try FoundPictures.joined(parts, split: request.split)
  }
}

extension FoundPictures {
  /// One or two parts as one; they have the same shape, and both have labels or none.
  static func joined(
    _ parts: [FoundPictures], split: Split
  ) throws(DatasetError) -> FoundPictures {
    var found = parts[0]
    found.split = split
    guard parts.count > 1, let last = parts.last else { return found }
    guard last.shape == found.shape, (last.labels == nil) == (found.labels == nil) else {
      throw DatasetError(
        .unusable(
          reason: "has parts of different shapes, or labels of one part only",
          remedy: "give one part alone"), file: found.path)
    }
    found.source = JoinedPictures(parts.map(\.source))
    found.labels = found.labels.map { first in first + (last.labels ?? []) }
    return found
  }
}
