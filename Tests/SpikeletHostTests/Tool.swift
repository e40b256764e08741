import Foundation

/// The built command line tool.
enum Tool {
  struct Outcome {
    var code: Int32
    var output: String
    var errors: String
  }

  /// The tool lies beside the tests: in the folder of the test bundle, or above it.
  private static var executable: URL {
    var candidates = Bundle.allBundles.map(\.bundleURL)
    candidates.append(URL(filePath: CommandLine.arguments[0]))
    for candidate in candidates {
      var folder = candidate
      for _ in 0..<5 {
        folder = folder.deletingLastPathComponent()
        let url = folder.appending(path: "spikelet")
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder),
          !isFolder.boolValue, FileManager.default.isExecutableFile(atPath: url.path)
        {
          return url
        }
      }
    }
    return URL(filePath: "spikelet")
  }

  /// Runs the tool with both of its streams in pipes.
  static func run(_ arguments: [String], in folder: URL? = nil) throws -> Outcome {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = folder }
    let output = Pipe()
    process.standardOutput = output
    // A file takes what a second pipe could block on.
    let errors = FileManager.default.temporaryDirectory.appending(
      path: "spikelet-errors-\(UUID().uuidString)")
    try Data().write(to: errors)
    defer { try? FileManager.default.removeItem(at: errors) }
    process.standardError = try FileHandle(forWritingTo: errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      code: process.terminationStatus, output: String(decoding: data, as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
  }
}
