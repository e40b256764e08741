import Foundation

/// One file of pictures: a picture, arrays, a table, or raw bytes. Its first bytes say which, and
/// its name where those do not.
struct DataFile {
  private let path: String
  private let request: DataRequest

  init(_ path: String, _ request: DataRequest) {
    self.path = path
    self.request = request
  }

  private var options: DataOptions { request.options }
  private static let rawExtensions: Set = ["raw", "bin", "rgb", "gray", "data"]
  private static let tableExtensions: Set = ["csv", "tsv", "txt"]

  func find() throws(DatasetError) -> FoundPictures {
    let store = try ByteStore.open(path)
    do {
      return try find(store)
    } catch {
      throw error.at(path)
    }
  }

  /// The extension, without that of gzip.
  private var pathExtension: String {
    let url = URL(filePath: path)
    let last = url.pathExtension.lowercased()
    return last == "gz" ? url.deletingPathExtension().pathExtension.lowercased() : last
  }

  private func find(_ store: ByteStore) throws(DatasetError) -> FoundPictures {
    let start = try store.prefix(512)
    guard !start.isEmpty else {
      throw DatasetError(
        .unusable(reason: "is empty", remedy: "copy or export the file again"))
    }
    if start.starts(with: Array("version https://git-lfs".utf8)),
      let refusal = FileKind.refusal(start)
    {
      throw refusal
    }
    if Self.rawExtensions.contains(pathExtension), options.shape != nil { return try raw(store) }
    if BitmapFormat(start) != nil { return try onePicture() }
    if start.starts(with: ArrayHeader.numPyMagic) {
      let header = try ArrayHeader.numPy(store, in: 0..<store.count)
      return try array(store, header, kind: "NumPy array", labels: try labels())
    }
    if Zip.isZip(start) { return try archive(store) }
    if ArrayHeader.isIDX(start) {
      let header = try ArrayHeader.idx(store)
      return try array(store, header, kind: "IDX file", labels: try labels())
    }
    if Self.tableExtensions.contains(pathExtension) { return try table(store) }
    if options.shape != nil { return try raw(store) }
    if let refusal = FileKind.refusal(start) { throw refusal }
    let shape = request.needed?.option ?? "1x28x28"
    throw DatasetError(
      .unusable(
        reason: "is no file of pictures: needed PNG, PGM, PPM, .npy, .npz, IDX, .csv, or raw "
          + "bytes with their shape",
        remedy: "for raw bytes, give --shape \(shape)"))
  }

  /// A picture alone, of no class.
  private func onePicture() throws(DatasetError) -> FoundPictures {
    let source = try PictureFiles([path], needed: nil, problems: [], in: path)
    return FoundPictures(
      source: source, shape: source.shape, kind: "picture", split: .all, path: path,
      resizing: .files)
  }

  private func raw(_ store: ByteStore) throws(DatasetError) -> FoundPictures {
    guard let shape = options.shape else {
      throw DatasetError(.unusable(reason: "has no shape", remedy: "give --shape"))
    }
    let size = shape.byteCount
    guard store.count.isMultiple(of: size) else {
      throw DatasetError(.records(size: size, given: store.count))
    }
    let header = try ArrayHeader(
      extents: [store.count / size, size], type: .byte, start: 0, end: store.count)
    return try array(store, header, kind: "raw bytes", labels: try labels())
  }

  private func table(_ store: ByteStore) throws(DatasetError) -> FoundPictures {
    guard let shape = options.shape ?? request.needed else {
      throw DatasetError(
        .unusable(
          reason: "is a table, which does not say the shape of its pictures",
          remedy: "give it with --shape, such as 1x28x28"))
    }
    let classes = try ClassList.find(options.classes, near: folder) ?? request.classNames
    let table = try PixelTable(
      store, shape: shape, column: options.labelColumn, order: options.order ?? .planes,
      scale: options.scale, classNames: classes)
    let read = try labels()
    var names = read?.classNames ?? []
    if read == nil { names = try listed() }
    return FoundPictures(
      source: table, shape: shape, labels: read?.labels ?? table.labels,
      classNames: names, kind: "table of pixels",
      split: FileWords(fileName).split, path: path, resizing: .arrays)
  }

  private var folder: String { URL(filePath: path).deletingLastPathComponent().path }
  private var fileName: String { URL(filePath: path).lastPathComponent }
  private func listed() throws(DatasetError) -> [String] {
    try ClassList.find(options.classes, near: folder) ?? []
  }

  /// The labels that `--labels` names, or that lie beside the file.
  private func labels() throws(DatasetError) -> LabelFile? {
    let names = try listed()
    guard let file = options.labels ?? LabelFile.beside(path) else { return nil }
    return try LabelFile(file, names: names.isEmpty ? request.classNames : names)
  }

  /// The arrays of an `.npz` file.
  private func archive(_ store: ByteStore) throws(DatasetError) -> FoundPictures {
    let zip = try Zip(store)
    let names = NumPyNames(zip.members.map(\.name))
    guard let chosen = names.pictures(request.split) else {
      let list = zip.members.prefix(8).map(\.name).joined(separator: ", ")
      throw DatasetError(
        .unusable(
          reason: "is an archive without an array of pictures (\(list))",
          remedy: "save it with numpy.savez(file, x=images, y=labels)"))
    }
    func open(_ name: String) throws(DatasetError) -> (ByteStore, ArrayHeader) {
      guard let member = zip.members.first(where: { $0.name == name }) else {
        throw DatasetError(.unusable(reason: "has no \(name)", remedy: nil))
      }
      let (bytes, range) = try zip.open(member)
      return (bytes, try ArrayHeader.numPy(bytes, in: range))
    }
    func one(_ pictures: String) throws(DatasetError) -> FoundPictures {
      var read = try labels()
      if read == nil, let name = names.labels(of: pictures) {
        let (bytes, header) = try open(name)
        do {
          read = LabelFile(try LabelFile.numbers(bytes, header), classNames: try listed())
        } catch {
          throw DatasetError(
            .unusable(reason: "\(name): \(error.description)", remedy: nil), file: path)
        }
      }
      let (bytes, header) = try open(pictures)
      return try array(bytes, header, kind: "NumPy archive", labels: read)
    }
    var parts: [FoundPictures] = []
    for name in chosen { parts.append(try one(name)) }
    guard names.isSplit || parts.count > 1 else { return parts[0] }
    return try FoundPictures.joined(parts, split: request.split)
  }

  private func array(
    _ store: ByteStore, _ header: ArrayHeader, kind: String, labels: LabelFile?
  ) throws(DatasetError) -> FoundPictures {
    guard header.type.kind != .float || options.scale != nil else {
      throw DatasetError(
        .unusable(
          reason: "holds \(header.type.name), and nothing says what of them is a pixel",
          remedy: "give --data-scale 255 where white is 1, or --data-scale 1 where it is 255"))
    }
    let layout = try ArrayLayout(
      header.extents, needed: options.shape ?? request.needed, order: options.order)
    let elements = ArrayElements(header.type, scale: options.scale)
    var names = labels?.classNames ?? []
    if labels == nil { names = try listed() }
    let pictures = RecordPictures(
      store: store, start: header.start, stride: layout.shape.byteCount * header.type.size,
      count: layout.count, elements: elements, shape: layout.shape, order: layout.order)
    return FoundPictures(
      source: pictures, shape: layout.shape, labels: labels?.labels,
      classNames: names, kind: kind,
      split: FileWords(fileName).split, path: path, resizing: .arrays)
  }
}

/// Which array of an archive holds what, by its name.
struct NumPyNames {
  private let names: [String]

  init(_ members: [String]) { names = members.filter { $0.hasSuffix(".npy") } }

  /// Whether there are arrays for both parts.
  var isSplit: Bool { name(Self.pictures(.train)) != nil && name(Self.pictures(.test)) != nil }

  /// The arrays of pictures that a part consists of; nil where there are none.
  func pictures(_ split: Split) -> [String]? {
    if isSplit {
      let parts = split == .all ? [Split.train, .test] : [split]
      return parts.compactMap { name(Self.pictures($0)) }
    }
    let candidates = Self.pictures(.all) + Self.pictures(.train) + Self.pictures(.test)
    if let found = name(candidates) { return [found] }
    let unknown = names.filter { !FileWords(String($0.dropLast(4))).isLabels }
    return unknown.count == 1 ? unknown : nil
  }

  /// The array of the labels of an array of pictures.
  func labels(of pictures: String) -> String? {
    let base = pictures.dropLast(4)
    let renamings = [("x", "y"), ("X", "y"), ("X", "Y"), ("images", "labels"), ("data", "labels")]
    for (x, y) in renamings {
      guard let place = base.firstRange(of: x) else { continue }
      let renamed = base.replacingCharacters(in: place, with: y) + ".npy"
      if renamed != pictures, names.contains(renamed) { return renamed }
    }
    let others = names.filter { FileWords(String($0.dropLast(4))).isLabels }
    return others.count == 1 ? others[0] : nil
  }

  private func name(_ candidates: [String]) -> String? {
    candidates.map { "\($0).npy" }.first { names.contains($0) }
  }

  private static func pictures(_ split: Split) -> [String] {
    switch split {
    case .train: ["x_train", "X_train", "train_images", "images_train", "train_x"]
    case .test:
      [
        "x_test", "X_test", "test_images", "images_test", "test_x", "x_val", "X_val",
        "val_images", "images_val",
      ]
    case .all: ["x", "X", "images", "data", "arr_0"]
    }
  }
}
