import Foundation
import SpikeletCompiler
import SpikeletSupport

extension Board {
  /// Finds and reads the description of a board: `boards/<name>.json` in a deployment's folder, in a
  /// folder above it, in `firmware-configs` of the working directory, or among those that come with
  /// the tool.
  ///
  /// - Throws: where it looked and which boards there are, or everything that is wrong with the file.
  public init(named name: String, near folder: URL) throws(Diagnostics) {
    let folders = Self.folders(near: folder)
    let files = folders.map { $0.appending(path: "\(name).json") }
    if let file = files.first(where: { FileManager.default.fileExists(atPath: $0.path) }) {
      try self.init(contentsOf: file)
      return
    }
    let known = folders.flatMap(Self.names(in:))
    throw Diagnostics(
      "there is no board \(name)",
      [
        .init(
          "board", "looked for \(name).json in \(folders.map(\.path).joined(separator: ", "))",
          advice: known.isEmpty
            ? "describe it in a file there" : "known: \(known.joined(separator: ", "))")
      ])
  }

  /// Where boards may be described, the nearest folder first.
  static func folders(near folder: URL) -> [URL] {
    var place = folder.absoluteURL.standardizedFileURL
    var folders = [place.appending(path: "boards")]
    while place.pathComponents.count > 1 {
      place.deleteLastPathComponent()
      folders.append(place.appending(path: "boards"))
    }
    for bundled in bundledFolders where !folders.contains(where: { $0.path == bundled.path }) {
      folders.append(bundled)
    }
    return folders
  }

  /// Where the boards that come with the tool may lie: below the working directory, and wherever the
  /// program stands in a checkout or an installation.
  private static var bundledFolders: [URL] {
    var places = [URL(filePath: "firmware-configs/boards").absoluteURL.standardizedFileURL]
    guard let program = Bundle.main.executableURL?.resolvingSymlinksInPath() else { return places }
    var place = program.deletingLastPathComponent()
    places.append(place.appending(path: "../share/spikelet/boards").standardizedFileURL)
    while place.pathComponents.count > 1 {
      let boards = place.appending(path: "firmware-configs/boards")
      if FileManager.default.fileExists(atPath: boards.path) { places.append(boards) }
      place.deleteLastPathComponent()
    }
    return places
  }

  static func names(in folder: URL) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
  }
}
