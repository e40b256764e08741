import SpikeletClassifier
import SpikeletDatasets
import SpikeletRuntime
import SpikeletSupport

/// Runs a model over a data set with several threads, each with an engine and an arena of its own.
struct ParallelRun: Sendable {
  var model: ModelFile
  var dataset: Dataset
  var jobs: Int
  /// Threads of each job's engine; no result depends on it.
  var threads = 1
  /// What the arenas hold at first; no result depends on it.
  var arenaFill: UInt8 = 0

  /// Where results are kept, so that the run can go on after an end.
  var journal: RunJournal?

  /// What `body` makes of every picture, in the order of the pictures: the threads make no difference.
  ///
  /// - Parameters:
  ///   - name: of the results in the journal.
  ///   - progress: called now and then with the number of pictures done, from any thread.
  ///   - body: gets the engine, the picture's number in the whole set and its bytes.
  /// - Returns: what it made, and the nanoseconds of it.
  func map<Element: JournalRecord>(
    _ name: String, progress: (@Sendable (Int) -> Void)?,
    _ body:
      @Sendable (inout Engine, Int, ArraySlice<UInt8>) throws(SpikeletError) -> Element
  ) throws -> (elements: [Element], nanoseconds: UInt64) {
    do {
      return try journaledMap(
        name, dataset, jobs: jobs, journal: journal, progress: progress
      ) { part, tick in
        try map(part, body, tick: tick)
      }
    } catch let error as SpikeletError {
      throw ModelFileError(file: model.name, error: error)
    }
  }

  private func map<Element>(
    _ range: Range<Int>,
    _ body: (inout Engine, Int, ArraySlice<UInt8>) throws(SpikeletError) -> Element,
    tick: () -> Void
  ) throws -> [Element] {
    let team = threads > 1 ? try ThreadTeam(threads: threads) : nil
    // The engine has its address only.
    defer { withExtendedLifetime(team) {} }
    let arena = Arena(
      byteCount: model.withModel { $0.arenaBytes(threads: threads) }, fill: arenaFill)
    return try arena.withBytes { (bytes) throws(any Error) -> [Element] in
      let opened = try Model(model.bytes.span.bytes)
      var engine = try Engine(model: opened, arena: bytes, team: team?.team)
      var elements: [Element] = []
      elements.reserveCapacity(range.count)
      for index in range {
        elements.append(try body(&engine, dataset.first + index, try dataset.image(index)))
        tick()
      }
      return elements
    }
  }
}
