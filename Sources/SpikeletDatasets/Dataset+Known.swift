import Foundation

extension Dataset {
  /// Where data sets are by default: `$SPIKELET_DATASETS`, or `~/.cache/spikelet/datasets`.
  package static var defaultDirectory: URL {
    if let path = ProcessInfo.processInfo.environment["SPIKELET_DATASETS"], !path.isEmpty {
      return URL(fileURLWithPath: path, isDirectory: true)
    }
    return FileManager.default.homeDirectoryForCurrentUser
      .appendingPathComponent(".cache/spikelet/datasets", isDirectory: true)
  }

  /// Reads one split of a data set from its original files, plain or gzip.
  ///
  /// `directory` is the root of all data sets (with `mnist/` and so on inside) or the folder with
  /// the files themselves. Throws `missing` if files are not there, `count` if images and labels
  /// differ in number, `shape` and `label` if they do not fit the data set, and what the readers of
  /// the formats throw; each error names the file.
  package static func load(
    _ name: DatasetName, split: Split, directory: URL = defaultDirectory
  ) throws(DatasetError) -> Dataset {
    let urls = try DatasetFiles.locate(name, split, in: directory)
    let shape = PictureShape(
      channels: name.shape.channels, height: name.shape.height, width: name.shape.width)
    var sources: [any PictureSource] = []
    var labels: [UInt16] = []
    switch name {
    case .mnist, .fashionMNIST:
      for pair in stride(from: 0, to: urls.count, by: 2) {
        let part = try idx(name, images: urls[pair].path, labels: urls[pair + 1].path, shape)
        sources.append(part.pictures)
        labels += part.labels
      }
    case .cifar10, .cifar100:
      for url in urls {
        let batch = try CIFAR.batch(
          ByteStore.open(url.path, limit: 2 * Inflate.defaultLimit),
          labelBytes: name == .cifar10 ? 1 : 2,
          classCount: name.classNames.count)
        sources.append(batch.pictures)
        labels += batch.labels
      }
    }
    return Dataset(
      unchecked: sources.count == 1 ? sources[0] : JoinedPictures(sources), name: name.rawValue,
      split: split, shape: shape, labels: labels, classNames: name.classNames,
      kind: name.rawValue, isNamed: true, isKnown: true)
  }

  /// One pair of IDX files of MNIST or a set like it.
  private static func idx(
    _ name: DatasetName, images imagesPath: String, labels labelsPath: String,
    _ shape: PictureShape
  ) throws(DatasetError) -> (pictures: any PictureSource, labels: [UInt16]) {
    let store = try ByteStore.open(imagesPath, limit: Inflate.defaultLimit)
    let labelStore = try ByteStore.open(labelsPath, limit: IDX.maximumCount + 8)
    let header: (count: Int, height: Int, width: Int)
    let labels: [UInt8]
    do {
      header = try IDX.imagesHeader(store)
    } catch {
      throw error.at(imagesPath)
    }
    do {
      labels = try IDX.labels(Array(labelStore.bytes(0..<labelStore.count)))
    } catch {
      throw error.at(labelsPath)
    }
    guard header.height == shape.height, header.width == shape.width else {
      let needed = "\(shape.height)x\(shape.width)"
      let given = "\(header.height)x\(header.width)"
      throw DatasetError(.shape(needed: needed, given: given), file: imagesPath)
    }
    guard header.count == labels.count else {
      throw DatasetError(
        .count(images: header.count, labels: labels.count, labelsFile: labelsPath),
        file: imagesPath)
    }
    let limit = name.classNames.count - 1
    if let index = labels.firstIndex(where: { $0 > limit }) {
      throw DatasetError(
        .label(index: index, given: Int(labels[index]), limit: limit), file: labelsPath)
    }
    let pictures = RecordPictures(
      store: store, start: 16, stride: shape.byteCount, count: header.count,
      elements: .init(.byte), shape: shape, order: .planes)
    return (pictures, labels.map(UInt16.init))
  }
}
