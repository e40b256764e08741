import Foundation

/// The labels of pictures: an IDX or NumPy array of one dimension, or a text with one label a line.
struct LabelFile {
  let labels: [UInt16]
  /// The names of the classes, where the file or a list gives them.
  let classNames: [String]

  /// The largest file, unpacked.
  private static let maximumBytes = 512 << 20

  init(_ labels: [UInt16], classNames: [String]) {
    self.labels = labels
    self.classNames = classNames
  }

  /// Reads a file.
  ///
  /// - Parameter names: the names of the classes in the network's order, where they are known.
  /// Throws `unusable` for a label that is no class, and what is wrong with the file.
  init(_ path: String, names: [String]) throws(DatasetError) {
    let store = try ByteStore.open(path, limit: Self.maximumBytes)
    do throws(DatasetError) {
      let start = try store.prefix(512)
      if let refusal = FileKind.refusal(start) { throw refusal }
      if start.starts(with: ArrayHeader.numPyMagic) {
        let header = try ArrayHeader.numPy(store, in: 0..<store.count)
        self.init(try Self.numbers(store, header), classNames: names)
      } else if ArrayHeader.isIDX(start) {
        self.init(try Self.numbers(store, try ArrayHeader.idx(store)), classNames: names)
      } else {
        try self.init(store, names: names)
      }
    } catch {
      throw error.at(path)
    }
  }

  /// Reads a text with a number or the name of a class a line.
  private init(_ store: ByteStore, names: [String]) throws(DatasetError) {
    guard store.count <= Self.maximumBytes else {
      throw DatasetError(.fileSize(limit: Self.maximumBytes, given: store.count))
    }
    let text = String(decoding: try store.bytes(0..<store.count), as: UTF8.self)
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }
    while lines.last == "" { lines.removeLast() }
    let numbers = lines.compactMap { UInt16($0) }
    if numbers.count == lines.count, !lines.isEmpty {
      self.init(numbers, classNames: names)
      return
    }
    let classes = names.isEmpty ? Set(lines).sorted(by: ClassList.precedes) : names
    let places = Dictionary(
      classes.prefix(65_536).enumerated().map { ($1, UInt16($0)) }, uniquingKeysWith: { a, _ in a })
    var labels: [UInt16] = []
    for (index, line) in lines.enumerated() {
      guard let label = places[line] ?? UInt16(line), !line.isEmpty else {
        throw DatasetError(
          .unusable(
            reason: "line \(index + 1) is \"\(line.prefix(60))\", needed a number of 0 to 65535 or "
              + "the name of a class", remedy: "list the classes in classes.txt"))
      }
      labels.append(label)
    }
    self.init(labels, classNames: classes)
  }

  /// The whole numbers of an array of one dimension, or of one column.
  static func numbers(
    _ store: ByteStore, _ header: ArrayHeader
  ) throws(DatasetError) -> [UInt16] {
    let extents = header.extents
    guard extents.count == 1 || extents.count == 2 && extents[1] == 1 else {
      throw DatasetError(
        .unusable(
          reason: "has the extents \(ArrayHeader.text(extents)), needed one label a picture",
          remedy: extents.count == 2
            ? "take the class of each row: labels.argmax(axis=1)"
            : "this may be the file of the pictures"))
    }
    let size = header.type.size
    guard extents[0] <= maximumBytes / size else {
      throw DatasetError(.fileSize(limit: maximumBytes, given: extents[0] * size))
    }
    let bytes = try store.bytes(header.start..<header.start + extents[0] * size)
    var wrong: (index: Int, value: Double)?
    let labels = bytes.withUnsafeBytes { raw in
      (0..<extents[0]).map { index in
        let value = header.type.number(raw, index)
        if let label = UInt16(exactly: value) { return label }
        if wrong == nil { wrong = (index, value) }
        return 0
      }
    }
    guard let wrong else { return labels }
    throw DatasetError(
      .unusable(
        reason: "label \(wrong.index) is \(ArrayElements.text(wrong.value)), needed a whole "
          + "number of 0 to 65535", remedy: "number the classes from 0"))
  }

  /// The file of labels that lies beside a file of pictures, by its name.
  static func beside(_ path: String) -> String? {
    let url = URL(filePath: path)
    let folder = url.deletingLastPathComponent()
    var stem = url.lastPathComponent
    let extensions = [".gz", ".npy", ".npz", ".csv", ".idx", ".raw", ".bin"]
    for suffix in extensions where stem.hasSuffix(suffix) {
      stem = String(stem.dropLast(suffix.count))
    }
    var stems: [String] = []
    for (pictures, labels) in [
      ("images-idx3", "labels-idx1"), ("images-idx4", "labels-idx1"), ("images", "labels"),
      ("pictures", "labels"),
    ] where stem.contains(pictures) {
      stems.append(stem.replacing(pictures, with: labels))
    }
    if stem.lowercased() == "x" || stem.lowercased().hasPrefix("x_") {
      stems += ["y" + stem.dropFirst(), "Y" + stem.dropFirst()]
    }
    if stem.lowercased().hasSuffix("_x") { stems.append(stem.dropLast() + "y") }
    stems += ["\(stem)-labels", "\(stem)_labels", "\(stem).labels"]
    for stem in stems {
      for suffix in ["", ".gz", ".npy", ".txt", ".idx"] {
        let file = folder.appending(path: stem + suffix).path
        if OwnData.isFolder(file) == false, file != path {
          // The path as it was given where that is the folder itself.
          return path.contains("/") ? file : stem + suffix
        }
      }
    }
    return nil
  }
}

/// A text with the name of a class a line.
enum ClassList {
  /// The order of names where nothing else gives one: that of their bytes.
  static func precedes(_ a: String, _ b: String) -> Bool {
    a.utf8.lexicographicallyPrecedes(b.utf8)
  }

  /// The list that an option names, or `classes.txt` in a folder; nil where there is none.
  static func find(_ option: String?, near folder: String) throws(DatasetError) -> [String]? {
    if let option { return try read(option) }
    let beside = "\(folder)/classes.txt"
    return OwnData.isFolder(beside) == false ? try read(beside) : nil
  }

  /// Reads a list; throws `unusable` for names that no model can hold.
  static func read(_ path: String) throws(DatasetError) -> [String] {
    let store = try ByteStore.open(path, limit: 4 << 20)
    guard store.count <= 4 << 20 else {
      throw DatasetError(.fileSize(limit: 4 << 20, given: store.count), file: path)
    }
    let text = String(decoding: try store.bytes(0..<store.count), as: UTF8.self)
    var names = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }
    while names.last == "" { names.removeLast() }
    guard !names.isEmpty, !names.contains(""), names.count <= 65_536,
      Set(names).count == names.count
    else {
      throw DatasetError(
        .unusable(
          reason: "is no list of classes: needed one name a line, each once, at most 65536",
          remedy: "correct the list"), file: path)
    }
    return names
  }
}
