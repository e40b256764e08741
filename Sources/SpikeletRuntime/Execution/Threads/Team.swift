#if !SPIKELET_WITHOUT_THREADS

  /// Threads that work on the parts of a layer side by side: a function of the caller's.
  ///
  /// The engine starts no thread and waits for none. It cuts a layer that is large enough into parts of
  /// which none needs another one's result, and calls `run`, which returns when all are done. How many
  /// threads there are, and which of them does which part, changes no bit of a result.
  @safe public struct Team: @unchecked Sendable {
    /// Runs one part: what `run` calls once for each number below `parts`, on any thread.
    public typealias Body =
      @convention(c) (_ work: UnsafeMutableRawPointer, _ part: Int) -> Void
    /// Runs `body` for every part from 0 to `parts` − 1 and returns when all are done: what they have
    /// written is then seen by the caller.
    public typealias Run =
      @convention(c) (
        _ context: UnsafeMutableRawPointer?, _ parts: Int, _ body: Body,
        _ work: UnsafeMutableRawPointer
      ) -> Void

    /// The threads that parts are cut for, the caller's own among them: 1…16.
    public let threads: Int
    /// Whether work is cut however little it is: tests do so, because their networks are small.
    package var cutsAll = false
    private let run: Run
    private let context: UnsafeMutableRawPointer?

    /// The most threads of a team.
    public static var maximumThreads: Int { Int(ModelFormat.maximumWorkers) }

    /// A team of the caller's making.
    ///
    /// - Parameters:
    ///   - threads: 1…16. The engine refuses other numbers.
    ///   - context: what `run` gets with each call; it must be valid while an engine uses the team.
    ///   - run: calls a body with every index below a count, and returns when all calls have.
    public init(threads: Int, context: UnsafeMutableRawPointer?, run: @escaping Run) {
      self.threads = threads
      unsafe self.context = context
      unsafe self.run = run
    }

    /// Whether an amount of work is worth cutting.
    func isEnough(_ amount: Int, _ enough: Int) -> Bool { amount >= enough || cutsAll }

    /// Runs the parts of some work; one part on this thread.
    @inline(__always)
    func run<Work: TeamWork>(_ work: inout Work, parts: Int) {
      if parts == 1 { return work.run(0) }
      unsafe withUnsafeMutablePointer(to: &work) {
        unsafe run(context, parts, Work.body, UnsafeMutableRawPointer($0))
      }
    }
  }

  extension Team {
    /// Runs the parts of some work and adds up what they have counted.
    @inline(__always)
    func count<Work: CountedWork>(_ work: inout Work, parts: Int) -> OperationCount {
      var counts = InlineArray<64, OperationCount>(repeating: OperationCount())
      // Each part has a count of its own; none is looked at before all parts are done.
      unsafe withUnsafeMutableBytes(of: &counts) {
        unsafe work.counts = Region($0)
        run(&work, parts: parts)
        work.counts = nil
      }
      var sum = OperationCount()
      for part in 0..<parts { sum.add(counts[part]) }
      return sum
    }
  }

  /// Work that is cut into parts.
  protocol TeamWork {
    /// Runs one part. No part writes what another one reads or writes.
    func run(_ part: Int)
    /// Calls `run` of the work that lies at an address: a C function knows no types.
    static var body: Team.Body { get }
  }

  /// Work of which each part counts what it adds.
  protocol CountedWork: TeamWork {
    /// An `OperationCount` of each part, while parts run.
    var counts: Region? { get set }
  }

  extension CountedWork {
    @inline(__always)
    func store(_ count: OperationCount, _ part: Int) {
      counts?.store(count, part &* MemoryLayout<OperationCount>.stride)
    }
  }

  extension Model {
    /// The bytes of the arena that an engine with a team needs: those of `arenaBytes` and behind them,
    /// for each thread that the plan has no room for, what the kernels of a thread keep to themselves.
    ///
    /// - Parameter threads: 1…16.
    public func arenaBytes(threads: Int) -> Int {
      let own = ownScratch
      let further = max(0, threads &- Int(header.workers))
      if own == 0 || further == 0 { return arenaBytes }
      // A size that cannot be counted is more than any arena has.
      return Int((Size(firstOwnScratch) + Size(own) * Size(further)).value ?? Int32.max)
    }

    /// Where the first thread's bytes begin that the plan has no room for.
    var firstOwnScratch: Int { (arenaBytes &+ 15) & ~15 }

    /// The bytes that a thread's kernels keep to themselves: the rows of a picture. The list of a gather
    /// is the same for all threads.
    var ownScratch: Int {
      var size = 0
      #if !SPIKELET_WITHOUT_PICTURE_BLOCKS
        for index in 0..<layerCount where !isMaxPool(index) {
          let layer = neurons(index)
          for c in 0..<Int(layer.connectionCount) {
            let connection = connection(Int(layer.firstConnection) &+ c)
            guard connection.kernel == SynapseKernel.pictureBlocks.rawValue else { continue }
            let bytes = Int(scratchBytes(connection, of: layer).value ?? 0)
            size = max(size, (bytes &+ 15) & ~15)
          }
        }
      #endif
      return size
    }
  }

  extension Engine {
    /// Prepares an engine whose large layers a team runs.
    ///
    /// - Parameters:
    ///   - model: the model that runs.
    ///   - arena: at least `model.arenaBytes(threads:)` bytes, aligned to 16.
    ///   - team: must live longer than the engine; nil for this thread alone.
    /// - Throws: when the team has more threads than any plan has room for, or the arena is too small
    ///   for as many, or misaligned.
    @_lifetime(copy model, copy arena)
    public init(
      model: Model, arena: consuming MutableRawSpan, team: Team?
    ) throws(SpikeletError) {
      let threads = team?.threads ?? 1
      guard threads >= 1, threads <= Team.maximumThreads else {
        throw SpikeletError(
          .outOfRange, .threads, needed: ModelFormat.maximumWorkers,
          given: Int32(clamping: threads))
      }
      let needed = model.arenaBytes(threads: threads)
      let size = arena.byteCount
      guard size >= needed else {
        throw SpikeletError(
          .arenaTooSmall, .arena, needed: Int32(truncatingIfNeeded: needed),
          given: Int32(clamping: size))
      }
      try self.init(model: model, arena: arena)
      // One thread runs as without a team.
      if threads > 1 { self.team = team }
    }
  }

#endif
