import Foundation
import SpikeletSupport

/// Labelled pictures of one size, which are read when they are asked for.
package struct Dataset: Sendable {
  /// What the data set is called, such as "mnist".
  package let name: String
  package let split: Split
  package let channels: Int
  package let height: Int
  package let width: Int
  /// The class of each picture, an index into `classNames`; zeros where `hasLabels` is false.
  package let labels: [UInt16]
  /// Whether the classes of the pictures are known.
  package let hasLabels: Bool
  /// What each label stands for.
  package let classNames: [String]
  /// What the pictures are read from, in words such as "folder of pictures".
  package let kind: String
  /// Whether `classNames` are more than the numbers of the classes.
  package let isNamed: Bool
  /// Whether it is one of the data sets that are known by name.
  package let isKnown: Bool
  private let source: any PictureSource
  /// The number of the first picture in the set that this one is a shard of; 0 of others.
  package internal(set) var first = 0
  /// The pictures of the set that this one is a shard of; its own of others.
  package internal(set) var total: Int

  /// Number of pictures.
  package var count: Int { labels.count }
  /// Bytes of one picture.
  package var imageSize: Int { channels * height * width }
  /// The extents of every picture.
  package var shape: PictureShape {
    PictureShape(channels: channels, height: height, width: width)
  }

  /// Makes a data set of pictures in memory.
  ///
  /// `images` must be `labels.count` pictures of `channels` × `height` × `width` bytes, each in
  /// the order channel, row, column: `count` is thrown otherwise, and `label` for a label without
  /// a class name.
  package init(
    name: String, split: Split, channels: Int, height: Int, width: Int, images: [UInt8],
    labels: [UInt16], classNames: [String]
  ) throws(DatasetError) {
    let size = channels * height * width
    guard size > 0, images.count == size * labels.count else {
      let given = size > 0 ? images.count / size : 0
      throw DatasetError(.count(images: given, labels: labels.count, labelsFile: name))
    }
    try self.init(
      name: name, split: split,
      shape: PictureShape(channels: channels, height: height, width: width),
      pictures: MemoryPictures(bytes: images, size: size), labels: labels,
      classNames: classNames, kind: "memory")
  }

  /// Makes a data set of pictures that are read from somewhere.
  ///
  /// - Parameters:
  ///   - labels: one a picture, or nil where the classes are not known.
  ///   - kind: what the pictures are read from, in words.
  /// Throws `count` and `label` as the other initializer does.
  package init(
    name: String, split: Split, shape: PictureShape, pictures: any PictureSource,
    labels: [UInt16]?, classNames: [String], kind: String, isNamed: Bool = false,
    isKnown: Bool = false
  ) throws(DatasetError) {
    if let labels {
      guard labels.count == pictures.count else {
        throw DatasetError(
          .count(images: pictures.count, labels: labels.count, labelsFile: name))
      }
      if let index = labels.firstIndex(where: { $0 >= classNames.count }) {
        throw DatasetError(
          .label(index: index, given: Int(labels[index]), limit: max(0, classNames.count - 1)))
      }
    }
    self.init(
      unchecked: pictures, name: name, split: split, shape: shape, labels: labels,
      classNames: classNames, kind: kind, isNamed: isNamed, isKnown: isKnown)
  }

  /// Parts that fit by construction.
  init(
    unchecked pictures: any PictureSource, name: String, split: Split = .test,
    shape: PictureShape, labels: [UInt16]?, classNames: [String], kind: String,
    isNamed: Bool = false, isKnown: Bool = false
  ) {
    self.name = name
    self.split = split
    self.channels = shape.channels
    self.height = shape.height
    self.width = shape.width
    self.labels = labels ?? [UInt16](repeating: 0, count: pictures.count)
    total = self.labels.count
    self.hasLabels = labels != nil
    self.classNames = classNames
    self.kind = kind
    self.isNamed = isNamed
    self.isKnown = isKnown
    source = pictures
  }

  /// The bytes of picture `index`, 0 ..< `count`, in the order channel, row, column.
  ///
  /// The indices of the slice may begin anywhere; its `span` counts from 0. Throws what is wrong
  /// with the picture where that was not known before.
  package func image(_ index: Int) throws(DatasetError) -> ArraySlice<UInt8> {
    try source.picture(index)
  }

  /// The frames of each recording, where it is a set of recordings of events; nil for pictures.
  ///
  /// A recording's bytes are its frames, one after the other, each as the engine takes it.
  package var frameCount: Int? { source.frameCount }

  /// The part of a picture's bytes that timestep `timestep`, counted from 1, gets: all of a picture,
  /// one frame of a recording of events.
  package func frame(
    _ picture: ArraySlice<UInt8>, timestep: Int
  ) -> ArraySlice<UInt8> {
    guard let frameCount else { return picture }
    let size = picture.count / max(1, frameCount)
    let start = picture.startIndex + (timestep - 1) * size
    return picture[start..<start + size]
  }

  /// What a run of so many timesteps gets: all of a picture, the first frames of a recording.
  package func frames(
    _ picture: ArraySlice<UInt8>, timesteps: Int
  ) -> ArraySlice<UInt8> {
    guard let frameCount else { return picture }
    return picture.prefix(picture.count / max(1, frameCount) * timesteps)
  }

  /// All pictures in memory, one after the other.
  package func allImages() throws(DatasetError) -> [UInt8] {
    var bytes: [UInt8] = []
    for index in 0..<count { bytes += try image(index) }
    return bytes
  }

  /// The name of the class of picture `index`, 0 ..< `count`.
  package func className(_ index: Int) -> String { classNames[Int(labels[index])] }

  /// The first `limit` pictures, or all if there are fewer; none for a negative limit.
  package func prefix(_ limit: Int) -> Dataset {
    guard limit < count else { return self }
    return choosing((0..<Int32(max(limit, 0))).map { $0 }, split: split)
  }

  /// So many pictures from all over the set, or all if there are fewer: folders are in the order of
  /// their classes, so the first would be of one class.
  package func sample(_ limit: Int) -> Dataset {
    guard limit < count else { return self }
    let limit = max(limit, 0)
    return choosing((0..<limit).map { Int32($0 * count / limit) }, split: split)
  }

  /// The pictures of the given numbers, 0 ..< `count` each, as a part of the data set.
  func choosing(_ indices: [Int32], split: Split) -> Dataset {
    Dataset(
      unchecked: ChosenPictures(source: source, indices: indices), name: name, split: split,
      shape: shape, labels: hasLabels ? indices.map { labels[Int($0)] } : nil,
      classNames: classNames, kind: kind, isNamed: isNamed, isKnown: isKnown)
  }

  /// The SHA-256 of the pictures and their labels, however they are stored: of the SHA-256 of each
  /// picture, with its label in two bytes, the low one first.
  package func digest(jobs: Int = 1) throws -> String {
    let parts = try parallelMap(count: count, jobs: jobs) { (range, _) throws(DatasetError) in
      var bytes: [UInt8] = []
      for index in range {
        var hash = SHA256()
        hash.update(try image(index))
        bytes += hash.finalize()
        bytes += [UInt8(labels[index] & 255), UInt8(labels[index] >> 8)]
      }
      return bytes
    }
    return SHA256.hexDigest(of: parts.joined())
  }
}
