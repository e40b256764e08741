import Foundation
import SpikeletSupport
import SpikeletTestSupport
import Testing

/// Long runs: nothing is shown of one that was ended, and with `--resume` it goes on where it stopped.
@Suite struct ResumeTests {
  private let project: TinyProject
  private var data: [String] { ["--data", project.path("data")] }
  private var model: String { project.path("tiny.spk") }
  private var config: String { project.path("tiny.json") }
  private var file: String { project.path("run.resume") }

  init() throws {
    project = try TinyProject()
    try project.build()
  }

  /// A test set that takes a while.
  private func useManyPictures(_ count: Int) throws {
    let few = TinyProject.pixels(7, seed: 7)
    let pixels = (0..<count / 7).flatMap { _ in few }
    let labels = (0..<count / 7).flatMap { _ in project.labels }
    try project.write(
      "data/mnist/t10k-images-idx3-ubyte",
      TinyProject.header([0x803, labels.count, 28, 28]) + pixels)
    try project.write(
      "data/mnist/t10k-labels-idx1-ubyte", TinyProject.header([0x801, labels.count]) + labels)
  }

  /// The figures without those that are times.
  private func figures(_ outcome: Tool.Outcome) throws -> [String] {
    #expect(outcome.code == 0, "\(outcome.errors)")
    return outcome.output.split(separator: "\n").map(String.init).filter {
      !$0.contains("medianLatency") && !$0.contains("throughput")
    }
  }

  @Test func anInterruptedEvaluationShowsNothingAndGoesOn() throws {
    try useManyPictures(TestScale.isFull ? 14_000 : 700)
    let evaluate = ["eval", model, "--timesteps", "255", "--jobs", "1", "--json"]
    let until = "while [ ! -e \"\(file)\" ] && kill -0 $p 2>/dev/null; do sleep 0.05; done"
    let json = project.path("figures.json")
    let ended = try Tool.shell(
      "\"$@\" & p=$!; \(until); kill -TERM $p; wait $p",
      evaluate + [json, "--resume", file, "--resume-interval", "0.05"] + data)
    #expect(ended.code == 128 + SIGTERM, "\(ended)")
    // The shell may say that it was terminated, the tool says nothing.
    #expect(ended.output == "" && !ended.errors.contains("spikelet"), "\(ended.errors)")
    #expect(!FileManager.default.fileExists(atPath: json))
    let kept = try project.read("run.resume").count
    let resumed = try Tool.run(evaluate + ["-", "--resume", file] + data)
    #expect(try project.read("run.resume").count > kept)
    let whole = try Tool.run(evaluate + ["-"] + data)
    #expect(try figures(resumed) == figures(whole))
    // What is done is not done again: the same figures to the byte, those of time as well.
    let again = try Tool.run(evaluate + ["-", "--resume", file] + data)
    #expect(again.output == resumed.output && again.code == 0)
  }

  @Test func everyPartOfAnEvaluationIsKept() throws {
    let all = [
      ["eval", config, "--timesteps", "6", "--rates", "--oracle", "--agreement", "--json", "-"],
      ["eval", config, "--float", "--json", "-"],
      ["eval", model, "--after", "1,4,6", "--json", "-"],
      ["sweep", config, "--points", "3", "--json", "-"],
    ]
    for (index, command) in all.enumerated() {
      let journal = ["--resume", project.path("run\(index).resume")]
      let first = try Tool.run(command + data + journal)
      let second = try Tool.run(command + data + journal)
      let plain = try Tool.run(command + data)
      #expect(first.code == 0 && first.errors == "", "\(command) \(first.errors)")
      #expect(first.output == second.output, "\(command)")
      #expect(try figures(first) == figures(plain), "\(command)")
    }
  }

  @Test func theFileOfAnotherRunIsRefused() throws {
    let command = ["eval", model, "--timesteps", "6", "--resume", file] + data
    #expect(try Tool.run(command).code == 0)
    let kept = try project.read("run.resume")
    let others = [
      (["--timesteps", "7"], "its timesteps is 6, this run's is 7"),
      (["--exit", "stable:2"], "its exit is the model's own, this run's is stable:2"),
      (["--limit", "6"], "its pictures is mnist test, 7, "),
      (["--after", "3,6"], "its timesteps is 6, this run's is 3,6"),
      (["--split", "train"], "its pictures is mnist test, 7, "),
    ]
    for (options, reason) in others {
      var changed = command + options
      if ["--timesteps", "--after"].contains(options[0]) { changed.removeSubrange(2...3) }
      let outcome = try Tool.run(changed)
      #expect(outcome.code == 2 && outcome.output == "", "\(options)")
      #expect(outcome.errors.contains("cannot be used: it belongs to another run: \(reason)"))
    }
    try project.writeConfiguration(", \"timesteps\": 9")
    for other in [["eval", config], ["eval", config, "--float"], ["sweep", config]] {
      let steps = other.contains("--float") ? [] : ["--timesteps", "6"]
      let outcome = try Tool.run(other + steps + ["--resume", file] + data)
      #expect(outcome.code == 2 && outcome.output == "", "\(other)")
      #expect(outcome.errors.contains("it belongs to another run: its"), "\(outcome.errors)")
    }
    // The same number of pictures, of which one pixel is another.
    var pictures = try project.read("data/mnist/t10k-images-idx3-ubyte")
    pictures[16] ^= 1
    try project.write("data/mnist/t10k-images-idx3-ubyte", pictures)
    let changed = try Tool.run(command)
    #expect(changed.code == 2 && changed.errors.contains("its pictures is"))
    #expect(try project.read("run.resume") == kept)
  }

  @Test func whatIsNoSuchFileIsRefusedAndStays() throws {
    let command = ["eval", model, "--resume"]
    for path in [model, config, project.path("data/mnist/t10k-labels-idx1-ubyte")] {
      let before = try Data(contentsOf: URL(filePath: path))
      let outcome = try Tool.run(command + [path] + data)
      #expect(outcome.code == 2 && outcome.output == "", "\(path)")
      #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }
    #expect(try Tool.run(command + [file] + data).code == 0)
    let good = try project.read("run.resume")
    for place in stride(from: 0, to: good.count, by: 7) {
      var bytes = good
      bytes[place] ^= 0x10
      try project.write("run.resume", bytes)
      let outcome = try Tool.run(command + [file] + data)
      #expect(outcome.code == 2 && outcome.output == "", "byte \(place)")
      #expect(try project.read("run.resume") == bytes)
      if place > 200 { break }
    }
    try project.write("run.resume", Array(good.dropLast(9)))
    let cut = try Tool.run(command + [file] + data)
    #expect(cut.code == 2 && cut.errors.contains("it is damaged; delete it to begin again"))
    let same = try Tool.run(command + [file, "--json", file] + data)
    #expect(same.code == 64 && same.errors.contains("name the same file"))
  }
}
