import Foundation
import SpikeletSupport

/// A person's own pictures: which form they have, and the data set that they are.
package enum OwnData {
  /// Reads the part of own pictures that is asked for.
  ///
  /// Throws what is wrong with them, all files of a folder at once.
  package static func load(_ request: DataRequest) throws(DatasetError) -> Dataset {
    let found = try find(request)
    return try finish(found, request)
  }

  /// Whether there is anything at a path.
  static func isFolder(_ path: String) -> Bool? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
    return isFolder.boolValue
  }

  private static func find(_ request: DataRequest) throws(DatasetError) -> FoundPictures {
    switch isFolder(request.path) {
    case nil: throw DatasetError.unreadable(request.path)
    case true?: return try DataFolder(request).find()
    case false?: return try DataFile(request.path, request).find()
    }
  }

  /// Checks pictures against the network, and takes the part that is asked for.
  private static func finish(
    _ found: FoundPictures, _ request: DataRequest
  ) throws(DatasetError) -> Dataset {
    if let needed = request.needed, !found.shape.serves(needed) {
      throw DatasetError(
        .pictures(
          needed: needed, given: found.shape,
          command: command(found.resizing, needed: needed, given: found.shape)),
        file: found.path)
    }
    if request.needsLabels, found.labels == nil {
      throw DatasetError(
        .unusable(
          reason: "has pictures without labels",
          remedy: "name the file of the labels with --labels, or sort the pictures into one "
            + "folder a class"), file: found.path)
    }
    let names = try classNames(found, request)
    if let labels = found.labels {
      guard labels.count == found.source.count else {
        throw DatasetError(
          .count(
            images: found.source.count, labels: labels.count,
            labelsFile: request.options.labels ?? found.path), file: found.path)
      }
      if let index = labels.firstIndex(where: { $0 >= names.count }) {
        throw DatasetError(
          .label(index: index, given: Int(labels[index]), limit: names.count - 1),
          file: found.path)
      }
    }
    let all = Dataset(
      unchecked: found.source, name: name(of: request.path), split: request.split,
      shape: found.shape, labels: found.labels, classNames: names, kind: found.kind,
      isNamed: !found.classNames.isEmpty || !request.classNames.isEmpty)
    return try DataSplit.part(of: all, known: found.split, request.split, path: found.path)
  }

  /// The names of all classes: those of the data, or of the network, or their numbers.
  private static func classNames(
    _ found: FoundPictures, _ request: DataRequest
  ) throws(DatasetError) -> [String] {
    var names = found.classNames.isEmpty ? request.classNames : found.classNames
    if names.isEmpty {
      let largest = Int(found.labels?.max() ?? 0)
      names = (0..<(request.classCount ?? largest + 1)).map(String.init)
    }
    if let needed = request.classCount, names.count != needed, found.labels != nil {
      throw DatasetError(
        .unusable(
          reason: "has \(names.count) classes, the network \(needed)",
          remedy: "list the network's classes in its order, one a line, in classes.txt beside "
            + "the pictures, or in a file for --classes"), file: found.path)
    }
    return names
  }

  /// What to do about pictures of a wrong size.
  static func command(
    _ kind: FoundPictures.Resizing, needed: PictureShape, given: PictureShape
  ) -> String {
    let size = "\(needed.width)x\(needed.height)"
    let isSize = (needed.height, needed.width) == (given.height, given.width)
    switch kind {
    case .files:
      let resize = isSize ? "" : " -resize '\(size)!'"
      let colour =
        needed.channels == given.channels
        ? "" : needed.channels == 1 ? " -colorspace Gray" : " -define png:color-type=2"
      return "convert all of them with: mogrify\(resize)\(colour) -format png <files>"
    case .arrays:
      guard needed.channels == given.channels, !isSize else {
        return "give the network pictures of \(needed.channels) channels, "
          + "or say with --layout how the channels lie"
      }
      return "resize them with Pillow: numpy.stack([numpy.asarray(Image.fromarray(p).resize("
        + "(\(needed.width), \(needed.height)))) for p in array])"
    }
  }

  /// What a data set is called: its folder or file, without the words for a part of it.
  static func name(of path: String) -> String {
    let url = URL(filePath: path).absoluteURL.standardizedFileURL
    var name = url.lastPathComponent
    if isFolder(path) == true {
      // A part of a folder has the name of the whole.
      return FileWords(name).split == nil || url.pathComponents.count < 3
        ? name : url.deletingLastPathComponent().lastPathComponent
    }
    for suffix in [".gz", ".npy", ".npz", ".csv", ".tsv", ".txt", ".raw", ".bin", ".idx"]
    where name.lowercased().hasSuffix(suffix) {
      name = String(name.dropLast(suffix.count))
    }
    let words = FileWords(name).withoutParts
    return words.isEmpty ? url.deletingLastPathComponent().lastPathComponent : words
  }
}

/// The words of a file's name.
struct FileWords {
  private let words: [String]

  init(_ name: String) {
    words = name.split { !($0.isLetter || $0.isNumber) }.map(String.init)
  }

  private static let training: Set = ["train", "training"]
  private static let test: Set = ["test", "testing", "t10k", "val", "valid", "validation"]
  private static let other: Set = [
    "x", "images", "image", "pictures", "data", "idx1", "idx2", "idx3", "idx4", "ubyte", "set",
  ]
  private static let labels: Set = ["labels", "label", "y", "targets", "classes"]

  /// The part that the name says the file is.
  var split: Split? {
    let lower = words.map { $0.lowercased() }
    if lower.contains(where: Self.training.contains) { return .train }
    return lower.contains(where: Self.test.contains) ? .test : nil
  }

  /// Whether the name says that the file holds labels.
  var isLabels: Bool { words.contains { Self.labels.contains($0.lowercased()) } }

  /// The name without words for parts and for what it holds.
  var withoutParts: String {
    words.filter {
      let word = $0.lowercased()
      return !Self.training.contains(word) && !Self.test.contains(word)
        && !Self.other.contains(word)
    }.joined(separator: "-")
  }
}
