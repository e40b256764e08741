import ArgumentParser
import Foundation
import SpikeletSupport

/// Prints text for people, and ends the run where nobody can read it.
///
/// Swift's own `print` says nothing when standard output is closed, full
/// or a pipe that nobody reads: a script would take silence for success.
func show(_ text: String = "", terminator: String = "\n") {
  showRaw(text.printableLines, terminator: terminator)
}

/// Prints text that is meant to steer the terminal, or is safe already.
func showRaw(_ text: String, terminator: String = "\n") {
  do {
    try StandardOutput.write(text + terminator)
  } catch {
    StandardError.write("spikelet: \(error)\n")
    exit(2)
  }
}

/// Says on standard error what does not end the run.
func warn(_ text: String) { StandardError.write("spikelet: \(text.printableLines)\n") }

/// Where a command writes what an option asks for: a file, or standard output for "-".
struct Output {
  private let file: OutputFile?

  /// Checks that it can be written, before anybody waits for what it will hold.
  init(_ path: String) throws {
    file = path == "-" ? nil : try OutputFile(path)
  }

  func write(_ json: JSONValue) throws { try write(text: json.text) }

  func write(text: String) throws {
    if let file { try file.write(text: text) } else { showRaw(text, terminator: "") }
  }
}

extension Optional where Wrapped == String {
  /// The output that an option names, checked.
  func output() throws -> Output? { try map { try Output($0) } }
}

/// Refuses options of one run that name the same file: the last would replace the others.
func requireDistinct(_ outputs: [(option: String, path: String?)]) throws {
  var seen: [String: String] = [:]
  for case (let option, let path?) in outputs where path != "-" {
    let full = URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
    if let other = seen.updateValue(option, forKey: full) {
      throw ValidationError("\(other) and \(option) name the same file, \(path.printableName)")
    }
  }
}

/// Refuses an option out of its range; what is wrong without any file is wrong usage.
func require(_ option: String, _ value: Int?, in range: ClosedRange<Int>) throws {
  guard let value, !range.contains(value) else { return }
  let needed =
    range.upperBound == .max
    ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
  throw ValidationError("\(option) is \(value), needed \(needed)")
}

/// Refuses the text of an option that is not in the form that it needs.
///
/// - Parameter needed: the form, for the message.
func require(
  _ option: String, _ text: String?, _ needed: String, where isValid: (String) -> Bool
) throws {
  guard let text, !isValid(text) else { return }
  throw ValidationError("\(option) is \"\(text)\", needed \(needed)")
}

extension String {
  /// The words of an option's list: commas between them, spaces around them do not matter.
  var commaSeparated: [String] {
    split(separator: ",", omittingEmptySubsequences: false).map { word in
      String(word.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
  }
}

/// The number of processors, the default for `--jobs`.
var processorCount: Int { ProcessInfo.processInfo.activeProcessorCount }

/// Threads beyond this help on no machine.
let jobsRange = 1...1024
/// What a model can be asked to run.
let timestepsRange = 1...65_535
