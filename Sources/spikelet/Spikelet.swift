import ArgumentParser
import Foundation
import SpikeletCompiler
import SpikeletEvaluation
import SpikeletRuntime
import SpikeletSupport

@main
struct Spikelet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spikelet",
    abstract: "Compiles trained networks into fixed-point spiking models and runs them.",
    version: "\(SpikeletVersion.text)",
    subcommands: [
      CheckCommand.self, NewCommand.self, CalibrateCommand.self, BuildCommand.self,
      InspectCommand.self, RunCommand.self,
      EvalCommand.self, VerifyCommand.self, GoldenCommand.self, TraceCommand.self,
      SweepCommand.self, MergeCommand.self, BenchCommand.self, ReportCommand.self,
      DiffCommand.self,
    ])

  /// Parses and runs the command line. The exit codes are those of docs/cli.md.
  static func main() {
    ProcessSetup.prepare()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let code = exitCode(for: error)
      let text = fullMessage(for: error)
      if !text.isEmpty {
        // Help and version are what was asked for; everything else is a message.
        if code.isSuccess { show(text) } else { tell(text) }
      }
      Foundation.exit(code.rawValue)
    }
  }

  /// Says what is wrong with the command line, beginning as every message does.
  private static func tell(_ text: String) {
    let mark = "Error: "
    let message = text.hasPrefix(mark) ? "spikelet: \(text.dropFirst(mark.count))" : text
    StandardError.write(message.printableLines + "\n")
  }
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
      let text = "\(error)"
      StandardError.write("spikelet: \(text.printableLines)\n")
      throw ExitCode(error is BudgetError ? 1 : 2)
    }
  }
}
