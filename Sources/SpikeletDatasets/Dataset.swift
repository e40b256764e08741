import Foundation

/// Labelled pictures of one size, in memory.
package struct Dataset: Equatable, Sendable {
  /// What the data set is called, such as "mnist".
  package let name: String
  package let split: Split
  package let channels: Int
  package let height: Int
  package let width: Int
  /// All pictures, image-major, each channels × height × width (channel-major), 0 … 255.
  package let images: [UInt8]
  /// The class of each picture, an index into `classNames`.
  package let labels: [UInt8]
  /// What each label stands for.
  package let classNames: [String]

  /// Number of pictures.
  package var count: Int { labels.count }
  /// Bytes of one picture.
  package var imageSize: Int { channels * height * width }

  /// Makes a data set from parts.
  ///
  /// `images` must be `labels.count` pictures of `channels` × `height` × `width` bytes: `count` is
  /// thrown otherwise, and `label` for a label without a class name.
  package init(
    name: String, split: Split, channels: Int, height: Int, width: Int, images: [UInt8],
    labels: [UInt8], classNames: [String]
  ) throws(DatasetError) {
    let size = channels * height * width
    guard size > 0, images.count == size * labels.count else {
      let given = size > 0 ? images.count / size : 0
      throw DatasetError(.count(images: given, labels: labels.count, labelsFile: name))
    }
    if let index = labels.firstIndex(where: { $0 >= classNames.count }) {
      let limit = UInt8(clamping: classNames.count - 1)
      throw DatasetError(.label(index: index, given: labels[index], limit: limit))
    }
    self.name = name
    self.split = split
    self.channels = channels
    self.height = height
    self.width = width
    self.images = images
    self.labels = labels
    self.classNames = classNames
  }

  /// The bytes of picture `index`, 0 ..< `count`, without a copy.
  ///
  /// The indices of the slice are those in `images`; its `span` counts from 0.
  package func image(_ index: Int) -> ArraySlice<UInt8> {
    images[index * imageSize..<(index + 1) * imageSize]
  }

  /// The name of the class of picture `index`, 0 ..< `count`.
  package func className(_ index: Int) -> String { classNames[Int(labels[index])] }

  /// The first `limit` pictures, or all if there are fewer; none for a negative limit.
  package func prefix(_ limit: Int) -> Dataset {
    guard limit < count else { return self }
    let kept = max(limit, 0)
    return Dataset(
      self, images: [UInt8](images[..<(kept * imageSize)]), labels: [UInt8](labels[..<kept]))
  }

  /// The bundled digits: parts that fit by construction.
  init(digits images: [UInt8], labels: [UInt8]) {
    name = "digits"
    split = .test
    channels = 1
    height = DigitRenderer.side
    width = DigitRenderer.side
    classNames = DigitRenderer.classNames
    self.images = images
    self.labels = labels
  }

  /// Drawn shapes: parts that fit by construction.
  init(shapes images: [UInt8], count: Int, _ channels: Int, _ height: Int, _ width: Int) {
    name = "shapes"
    split = .test
    labels = [UInt8](repeating: 0, count: count)
    classNames = DigitRenderer.classNames
    self.channels = channels
    self.height = height
    self.width = width
    self.images = images
  }

  private init(_ other: Dataset, images: [UInt8], labels: [UInt8]) {
    name = other.name
    split = other.split
    channels = other.channels
    height = other.height
    width = other.width
    classNames = other.classNames
    self.images = images
    self.labels = labels
  }
}

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
    switch name {
    case .mnist, .fashionMNIST:
      return try loadIDX(name, split, images: urls[0], labels: urls[1])
    case .cifar10:
      return try loadCIFAR10(name, split, batches: urls)
    }
  }

  private static func loadIDX(
    _ name: DatasetName, _ split: Split, images imagesURL: URL, labels labelsURL: URL
  ) throws(DatasetError) -> Dataset {
    let images = try DatasetFiles.read(imagesURL, IDX.images)
    let labels = try DatasetFiles.read(labelsURL, IDX.labels)
    let shape = name.shape
    guard images.height == shape.height, images.width == shape.width else {
      let needed = "\(shape.height)x\(shape.width)"
      let given = "\(images.height)x\(images.width)"
      throw DatasetError(.shape(needed: needed, given: given), file: imagesURL.path)
    }
    guard images.count == labels.count else {
      throw DatasetError(
        .count(images: images.count, labels: labels.count, labelsFile: labelsURL.path),
        file: imagesURL.path)
    }
    do {
      return try Dataset(
        name: name.rawValue, split: split, channels: shape.channels, height: shape.height,
        width: shape.width, images: images.pixels, labels: labels, classNames: name.classNames)
    } catch {
      throw error.at(labelsURL.path)
    }
  }

  private static func loadCIFAR10(
    _ name: DatasetName, _ split: Split, batches urls: [URL]
  ) throws(DatasetError) -> Dataset {
    var images: [UInt8] = []
    var labels: [UInt8] = []
    for url in urls {
      let batch = try DatasetFiles.read(url, CIFAR10.batch)
      images += batch.pixels
      labels += batch.labels
    }
    let shape = name.shape
    return try Dataset(
      name: name.rawValue, split: split, channels: shape.channels, height: shape.height,
      width: shape.width, images: images, labels: labels, classNames: name.classNames)
  }
}
