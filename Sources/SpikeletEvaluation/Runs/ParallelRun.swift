import SpikeletClassifier
import SpikeletDatasets
import SpikeletRuntime
import SpikeletSupport

/// Runs a model over a data set with several threads, each with an engine and an arena of its own.
struct ParallelRun: Sendable {
  var model: ModelFile
  var dataset: Dataset
  var jobs: Int
  /// What the arenas hold at first; no result depends on it.
  var arenaFill: UInt8 = 0

  /// What `body` makes of every picture, in the order of the pictures: the threads make no difference.
  ///
  /// - Parameters:
  ///   - progress: called now and then with the number of pictures done, from any thread.
  ///   - body: gets the engine and the picture's number.
  func map<Element: Sendable>(
    progress: (@Sendable (Int) -> Void)?,
    _ body: @Sendable (inout Engine, Int) throws(SpikeletError) -> Element
  ) throws(ModelFileError) -> [Element] {
    do throws(SpikeletError) {
      return try parallelMap(count: dataset.count, jobs: jobs, progress: progress) {
        part, tick throws(SpikeletError) in
        try map(part, body, tick: tick)
      }.flatMap { $0 }
    } catch {
      throw ModelFileError(file: model.name, error: error)
    }
  }

  private func map<Element>(
    _ range: Range<Int>, _ body: (inout Engine, Int) throws(SpikeletError) -> Element,
    tick: () -> Void
  ) throws(SpikeletError) -> [Element] {
    let arena = Arena(byteCount: Int(model.header.arenaBytes), fill: arenaFill)
    return try arena.withBytes { (bytes) throws(SpikeletError) -> [Element] in
      let opened = try Model(model.bytes.span.bytes)
      var engine = try Engine(model: opened, arena: bytes)
      var elements: [Element] = []
      elements.reserveCapacity(range.count)
      for index in range {
        elements.append(try body(&engine, index))
        tick()
      }
      return elements
    }
  }
}
