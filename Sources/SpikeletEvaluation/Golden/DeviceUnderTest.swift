import SpikeletClassifier
import SpikeletReference
import SpikeletRuntime
import SpikeletSupport

/// Something that computes a model timestep by timestep and can be looked into: the engine, or an
/// implementation that is to be held to the same vectors.
package protocol DeviceUnderTest {
  /// Begins a picture.
  mutating func begin(_ pixels: [UInt8], image: UInt32)
  /// Runs one timestep; returns what each layer holds after it ran.
  mutating func step() throws -> [LayerState]
  /// The class scores after the timesteps that ran.
  func scores() -> [Int]
  func prediction() -> Int
}

extension ModelFile {
  /// The bytes of a frame of events; nil where the model reads pictures.
  fileprivate var frameSize: Int? {
    withModel { $0.inputMode == .events ? $0.inputCount : nil }
  }
}

extension [UInt8] {
  /// The frame of a timestep, counted from 1, of a recording.
  fileprivate func frame(_ timestep: Int, size: Int) -> [UInt8] {
    let start = (timestep - 1) * size
    precondition(start + size <= count, "a recording has a frame for every timestep")
    return Array(self[start..<start + size])
  }
}

/// The potentials and spikes of a layer after one timestep, in the order channel, row, column.
package struct LayerState: Sendable, Equatable {
  /// Empty for max pools.
  package var potentials: [Int32]
  /// 0 or 1; empty for a layer that never fires.
  package var spikes: [UInt8]

  /// 64-bit FNV-1a over the potentials (32-bit little-endian) and the spikes (one byte each).
  package var digest: UInt64 {
    var hash = FNV1a()
    for u in potentials { hash.append(u) }
    for s in spikes { hash.append(s) }
    return hash.value
  }
}

/// The plain interpreter as a device.
package struct InterpreterDevice: DeviceUnderTest {
  private var interpreter: IntegerInterpreter
  private var pixels: [UInt8] = []
  private var image: UInt32 = 0
  private var timestep = 0
  private let frameSize: Int?

  package init(_ model: ModelFile, fault: IntegerInterpreter.Fault? = nil) {
    frameSize = model.frameSize
    interpreter = IntegerInterpreter(ReferenceModel(model.bytes), fault: fault)
  }

  package mutating func begin(_ pixels: [UInt8], image: UInt32) {
    self.pixels = pixels
    self.image = image
    timestep = 0
    interpreter.begin()
  }

  package mutating func step() -> [LayerState] {
    timestep += 1
    interpreter.step(frameSize.map { pixels.frame(timestep, size: $0) } ?? pixels, image: image)
    return interpreter.potentials.indices.map { layer in
      LayerState(
        potentials: interpreter.keptPotentials(layer).map { Int32(truncatingIfNeeded: $0) },
        spikes: interpreter.keptSpikes(layer).map { UInt8($0) })
    }
  }

  package func scores() -> [Int] { interpreter.scores }
  package func prediction() -> Int { interpreter.prediction }
}

/// The engine as a device.
///
/// All state is in the arena, so each timestep opens the model anew and resumes; layers are copied out
/// as they run, before their spike maps give way to others.
package final class EngineDevice: DeviceUnderTest {
  private let model: ModelFile
  private let arena: Arena
  private let threads: ThreadTeam?
  private var pixels: [UInt8] = []
  private var image: UInt32 = 0
  private var timestep = 0
  private var lastScores: [Int] = []
  private var lastPrediction = 0

  /// - Parameter threads: that run each picture, whose layers they cut however small they are.
  package init(_ model: ModelFile, threads: ThreadTeam? = nil) {
    self.model = model
    self.threads = threads
    arena = Arena(
      byteCount: model.withModel { $0.arenaBytes(threads: threads?.threads ?? 1) }, fill: 0xA5)
  }

  package func begin(_ pixels: [UInt8], image: UInt32) {
    self.pixels = pixels
    self.image = image
    timestep = 0
  }

  package func scores() -> [Int] { lastScores }
  package func prediction() -> Int { lastPrediction }

  package func step() throws -> [LayerState] {
    let file = model.bytes
    let resumed = timestep
    let whole = pixels
    let pixels = model.frameSize.map { whole.frame(resumed + 1, size: $0) } ?? whole
    let states = try arena.withBytes { bytes throws(SpikeletError) -> [LayerState] in
      let opened = try Model(file.span.bytes)
      var team = threads?.team
      team?.cutsAll = true
      var engine = try Engine(model: opened, arena: bytes, team: team)
      engine.resume(at: resumed)
      try engine.beginTimestep(input: pixels.span, stream: Int(image))
      var states: [LayerState] = []
      for layer in 0..<opened.layerCount {
        engine.runLayer(layer, input: pixels.span)
        states.append(
          state(engine, opened.layer(layer), layer, opened.keepsPotentials(layer: layer)))
      }
      lastScores = (0..<opened.classCount).map { engine.score($0) }
      lastPrediction = engine.prediction
      return states
    }
    timestep += 1
    return states
  }

  private func state(
    _ engine: borrowing Engine, _ record: LayerRecord, _ layer: Int, _ keepsPotentials: Bool
  ) -> LayerState {
    var state = LayerState(potentials: [], spikes: [])
    for channel in 0..<Int(max(record.channels, record.spikeChannels)) {
      for row in 0..<Int(record.height) {
        for column in 0..<Int(record.width) {
          if keepsPotentials, channel < Int(record.channels) {
            state.potentials.append(
              Int32(
                engine.potential(layer: layer, channel: channel, row: row, column: column)))
          }
          if record.spikeBuffer != ModelFormat.none {
            let fired = engine.spike(source: layer + 1, channel: channel, row: row, column: column)
            state.spikes.append(fired ? 1 : 0)
          }
        }
      }
    }
    return state
  }
}
