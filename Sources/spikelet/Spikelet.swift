import ArgumentParser
import Foundation
import SpikeletCompiler
import SpikeletSupport

@main
struct Spikelet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spikelet",
    abstract: "Compiles trained networks into fixed-point spiking models and runs them.",
    version: SpikeletVersion.text,
    subcommands: [
      BuildCommand.self, CalibrateCommand.self, InspectCommand.self, RunCommand.self,
      EvalCommand.self, VerifyCommand.self, GoldenCommand.self, TraceCommand.self,
      SweepCommand.self,
    ])
}

/// A command whose errors are one clear text on standard error and exit code 2 (1 for a failed
/// check).
protocol SpikeletCommand: ParsableCommand {
  func execute() throws
}

extension SpikeletCommand {
  func run() throws {
    do {
      try execute()
    } catch let code as ExitCode {
      throw code
    } catch let error as ValidationError {
      throw error
    } catch {
      FileHandle.standardError.write(Data("spikelet: \(error)\n".utf8))
      throw ExitCode(error is BudgetError ? 1 : 2)
    }
  }
}

/// Writes JSON to a file, or to standard output for "-".
func write(_ json: JSONValue, to path: String) throws {
  try write(text: json.text, to: path)
}

/// Writes text to a file, or to standard output for "-".
func write(text: String, to path: String) throws {
  if path == "-" {
    print(text, terminator: "")
    return
  }
  do {
    try Data(text.utf8).write(to: URL(filePath: path))
  } catch {
    throw Diagnostics("\(path): cannot be written", [.init("file", "\(error)")])
  }
}

/// The number of processors, the default for `--jobs`.
var processorCount: Int { ProcessInfo.processInfo.activeProcessorCount }
