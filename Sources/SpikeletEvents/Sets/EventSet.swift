import Foundation
import SpikeletDatasets
import SpikeletNetwork
import SpikeletSupport

/// A set of recordings: one folder a class, perhaps below `Train/` and `Test/`; or one file.
package struct EventSet {
  /// A file or a folder.
  package var path: String
  package var split: Split
  package var binning: EventBinning
  /// The frames of each recording.
  package var frames: Int
  /// Nil to tell it from each file.
  package var format: RecordingFormat?
  /// The classes in the network's order; empty to take the names of the folders.
  package var classNames: [String] = []
  package var needsLabels = true

  package init(
    path: String, split: Split, binning: EventBinning, frames: Int,
    format: RecordingFormat? = nil
  ) {
    self.path = path
    self.split = split
    self.binning = binning
    self.frames = frames
    self.format = format
  }

  /// The recordings as a data set, and what becomes of their events as they are read.
  ///
  /// Throws what is wrong with the files' names and places; what is wrong with a recording is thrown
  /// when it is read.
  package func load() throws(DatasetError) -> (dataset: Dataset, log: EventLog) {
    let found = try find()
    let log = EventLog()
    let source = EventRecordings(
      files: found.files, builder: FrameBuilder(binning), frames: frames, format: format,
      log: log)
    let shape = PictureShape(
      channels: binning.channels, height: binning.frameHeight, width: binning.frameWidth)
    let dataset = try Dataset(
      name: URL(filePath: path).standardizedFileURL.lastPathComponent.lowercased(), split: split,
      shape: shape, pictures: source, labels: found.labels, classNames: found.classNames,
      kind: "recordings of events", isNamed: found.isNamed)
    return (dataset, log)
  }

  private struct Found {
    var files: [String] = []
    var labels: [UInt16]?
    var classNames: [String] = []
    var isNamed = false
  }

  private func refused(_ reason: String, _ remedy: String) -> DatasetError {
    DatasetError(.unusable(reason: reason, remedy: remedy), file: path)
  }

  private func find() throws(DatasetError) -> Found {
    guard let isFolder = Self.isFolder(path) else {
      throw DatasetError(.unreadable(reason: "does not exist"), file: path)
    }
    if !isFolder {
      guard !needsLabels else {
        throw refused("is one recording", "needed a folder with one folder a class")
      }
      return Found(files: [path])
    }
    let entries = try Self.entries(path)
    func folder(_ names: [String]) -> String? {
      entries.first { names.contains($0.lowercased()) && Self.isFolder("\(path)/\($0)") == true }
    }
    let training = folder(["train", "training"])
    let test = folder(["test", "testing"])
    let parts: [String]
    switch split {
    case .train: parts = [training ?? (test == nil ? "" : nil)].compactMap { $0 }
    case .test: parts = [test ?? (training == nil ? "" : nil)].compactMap { $0 }
    case .all: parts = training == nil && test == nil ? [""] : [training, test].compactMap { $0 }
    }
    guard !parts.isEmpty else {
      throw refused(
        "has no folder for the \(split.rawValue)ing part", "needed Train/ and Test/, or neither")
    }
    // Without folders for the parts, every fifth recording of a class is for tests.
    let isWhole = parts != [""] || split == .all
    func place(_ name: String) -> String { name.isEmpty ? path : "\(path)/\(name)" }
    let all = training == nil && test == nil ? [""] : [training, test].compactMap { $0 }
    return try collect(parts.map(place), all: all.map(place), isWhole: isWhole)
  }

  /// - Parameter all: the folders of all parts: one alone may lack classes.
  private func collect(_ roots: [String], all: [String], isWhole: Bool) throws(DatasetError)
    -> Found
  {
    var found = Found()
    var folders: [(name: String, path: String)] = []
    for root in roots {
      for name in try Self.entries(root) where Self.isFolder("\(root)/\(name)") == true {
        folders.append((name, "\(root)/\(name)"))
      }
    }
    guard !folders.isEmpty else {
      guard !needsLabels else {
        throw refused("has no folders", "put the recordings of each class into one folder")
      }
      for root in roots { found.files += try Self.recordings(root) }
      guard !found.files.isEmpty else { throw none }
      return found
    }
    var known: Set<String> = []
    for root in all {
      for name in try Self.entries(root) where Self.isFolder("\(root)/\(name)") == true {
        known.insert(name)
      }
    }
    // In the order of their numbers, where they are numbers.
    let names = known.sorted { $0.compare($1, options: .numeric) == .orderedAscending }
    found.classNames = classNames.isEmpty ? names : classNames
    found.isNamed = names.contains { Int($0) == nil }
    var labels: [UInt16] = []
    for (name, folder) in folders {
      guard let label = found.classNames.firstIndex(of: name), label <= UInt16.max else {
        throw DatasetError(
          .unusable(
            reason: "is no class of the network: \(found.classNames.joined(separator: ", "))",
            remedy: "rename the folder, or set classNames in the configuration"), file: folder)
      }
      for (index, file) in try Self.recordings(folder).enumerated()
      where isWhole || (index % 5 == 4) == (split == .test) {
        found.files.append(file)
        labels.append(UInt16(label))
      }
    }
    guard !found.files.isEmpty else { throw none }
    found.labels = labels
    return found
  }

  private var none: DatasetError {
    refused(
      "has no recordings (\(RecordingFormat.extensions.sorted().joined(separator: ", ")))",
      "check that this is the intended folder")
  }

  private static func isFolder(_ path: String) -> Bool? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
    return isFolder.boolValue
  }

  /// What a folder holds, without hidden entries, in the order of their bytes.
  private static func entries(_ path: String) throws(DatasetError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path)
        .filter { !$0.hasPrefix(".") }
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    } catch {
      throw DatasetError(.unreadable(reason: "it is a folder that cannot be listed"), file: path)
    }
  }

  private static func recordings(_ folder: String) throws(DatasetError) -> [String] {
    try entries(folder).filter {
      RecordingFormat.extensions.contains(URL(filePath: $0).pathExtension.lowercased())
    }.map { "\(folder)/\($0)" }
  }
}
