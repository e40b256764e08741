import Foundation
import Testing

/// The built command line tool.
enum Tool {
  struct Outcome {
    var code: Int32
    var output: String
    var errors: String
  }

  /// The tool lies beside the tests: in the folder of the test bundle, or above it.
  static var executable: URL {
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
    try run(executable, arguments, in: folder)
  }

  /// Runs the tool as a shell does: `script` stands for what comes around `"$@"`, such as
  /// `"$@" >/dev/full`.
  static func shell(
    _ script: String, _ arguments: [String], in folder: URL? = nil
  ) throws -> Outcome {
    try run(
      URL(filePath: "/bin/sh"), ["-c", script, "sh", executable.path] + arguments, in: folder)
  }

  private static func run(
    _ program: URL, _ arguments: [String], in folder: URL?
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = program
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

/// Expects a command to fail with an exit code and one clear text that has the given parts.
func expectFailure(
  _ arguments: [String], code: Int32 = 2, _ messages: [String],
  location: SourceLocation = #_sourceLocation
) throws {
  let outcome = try Tool.run(arguments)
  #expect(outcome.code == code, sourceLocation: location)
  #expect(outcome.output == "", sourceLocation: location)
  for message in messages {
    #expect(
      outcome.errors.contains(message), "\(outcome.errors)", sourceLocation: location)
  }
  // One text, not a dump of values.
  #expect(outcome.errors.hasPrefix("spikelet: "), sourceLocation: location)
  #expect(!outcome.errors.contains("SpikeletError("), sourceLocation: location)
}
