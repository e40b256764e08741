// The functions of include/spikelet.h that open and run an engine. The compiler holds each of them
// to its declaration there.
//
// A model and an engine cannot outlive the spans that they look at, so none is kept between calls:
// the state has addresses, sizes and the timestep, and each call makes an engine of them. That is
// cheap, because a model is validated once, by `spikelet_open`.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CSpikelet
import SpikeletRuntime

@c @implementation
public func spikelet_state_size() -> Int { unsafe MemoryLayout<spikelet_t>.size }

@c @implementation
public func spikelet_open(
  _ engine: UnsafeMutablePointer<spikelet_t>?, _ model: UnsafeRawPointer?, _ bytes: Int
) -> spikelet_error_t {
  guard let engine = unsafe engine else { return Failure.nullPointer }
  unsafe engine.pointee = spikelet_t()
  guard let model = unsafe model else { return unsafe engine.fail(Failure.nullPointer) }
  guard bytes >= 0 else { return unsafe engine.fail(SpikeletError(.wrongSize, .file)) }
  do throws(SpikeletError) {
    _ = try Model(unsafe RawSpan(_unsafeStart: model, byteCount: bytes))
  } catch {
    return unsafe engine.fail(error)
  }
  unsafe engine.pointee.model = model
  unsafe engine.pointee.model_bytes = bytes
  unsafe engine.pointee.phase = Phase.open.rawValue
  return unsafe engine.succeed()
}

@c @implementation
public func spikelet_attach(
  _ engine: UnsafeMutablePointer<spikelet_t>?, _ arena: UnsafeMutableRawPointer?, _ bytes: Int
) -> spikelet_error_t {
  unsafe spikelet_attach_team(engine, arena, bytes, 1, nil, nil)
}

@c @implementation
public func spikelet_attach_team(
  _ engine: UnsafeMutablePointer<spikelet_t>?, _ arena: UnsafeMutableRawPointer?, _ bytes: Int,
  _ threads: Int32, _ runParts: spikelet_run_parts_t?, _ context: UnsafeMutableRawPointer?
) -> spikelet_error_t {
  guard let engine = unsafe engine else { return Failure.nullPointer }
  guard unsafe engine.pointee.isOpen else { return unsafe engine.fail(Failure.notOpen) }
  // A refused arena leaves none, so that no later call can use the one before it by mistake.
  unsafe engine.pointee.phase = Phase.open.rawValue
  unsafe engine.pointee.timestep = 0
  guard let arena = unsafe arena else { return unsafe engine.fail(Failure.nullPointer) }
  #if SPIKELET_WITHOUT_THREADS
    guard threads == 1 else {
      return unsafe engine.fail(SpikeletError(.unsupported, .threads, needed: 1, given: threads))
    }
  #else
    guard unsafe threads == 1 || runParts != nil else {
      return unsafe engine.fail(Failure.nullPointer)
    }
    unsafe engine.pointee.threads = threads
    unsafe engine.pointee.run_parts = runParts
    unsafe engine.pointee.context = context
  #endif
  unsafe engine.pointee.arena = arena
  unsafe engine.pointee.arena_bytes = bytes < 0 ? Int.max : bytes
  do throws(SpikeletError) {
    _ = try unsafe engine.pointee.makeEngine()
  } catch {
    return unsafe engine.fail(error)
  }
  unsafe engine.pointee.phase = Phase.attached.rawValue
  return unsafe engine.succeed()
}

@c @implementation
public func spikelet_reset(_ engine: UnsafeMutablePointer<spikelet_t>?) -> spikelet_error_t {
  guard let engine = unsafe engine else { return Failure.nullPointer }
  if let failure = unsafe engine.pointee.failureToRun { return unsafe engine.fail(failure) }
  unsafe engine.pointee.timestep = 0
  return unsafe engine.succeed()
}

@c @implementation
public func spikelet_step(
  _ engine: UnsafeMutablePointer<spikelet_t>?, _ pixels: UnsafePointer<UInt8>?, _ count: Int,
  _ image: UInt32
) -> spikelet_error_t {
  guard let engine = unsafe engine else { return Failure.nullPointer }
  if let failure = unsafe engine.pointee.failureToRun { return unsafe engine.fail(failure) }
  guard let pixels = unsafe pixels else { return unsafe engine.fail(Failure.nullPointer) }
  do throws(SpikeletError) {
    var runner = try unsafe engine.pointee.makeEngine()
    try runner.step(input: unsafe picture(pixels, count), stream: Int(truncatingIfNeeded: image))
    unsafe engine.pointee.timestep = Int32(truncatingIfNeeded: runner.timestep)
  } catch {
    return unsafe engine.fail(error)
  }
  return unsafe engine.succeed()
}

@c @implementation
public func spikelet_run(
  _ engine: UnsafeMutablePointer<spikelet_t>?, _ pixels: UnsafePointer<UInt8>?, _ count: Int,
  _ image: UInt32, _ timesteps: Int32, _ prediction: UnsafeMutablePointer<Int32>?,
  _ timestepsRun: UnsafeMutablePointer<Int32>?
) -> spikelet_error_t {
  guard let engine = unsafe engine else { return Failure.nullPointer }
  if let failure = unsafe engine.pointee.failureToRun { return unsafe engine.fail(failure) }
  guard let pixels = unsafe pixels else { return unsafe engine.fail(Failure.nullPointer) }
  do throws(SpikeletError) {
    var runner = try unsafe engine.pointee.makeEngine()
    let decision = try runner.run(
      input: unsafe picture(pixels, count), stream: Int(truncatingIfNeeded: image),
      timesteps: timesteps == 0 ? nil : Int(timesteps))
    unsafe engine.pointee.timestep = Int32(truncatingIfNeeded: runner.timestep)
    unsafe prediction?.pointee = Int32(truncatingIfNeeded: decision.prediction)
    unsafe timestepsRun?.pointee = Int32(truncatingIfNeeded: decision.timesteps)
  } catch {
    return unsafe engine.fail(error)
  }
  return unsafe engine.succeed()
}

@c @implementation
public func spikelet_run_until(
  _ engine: UnsafeMutablePointer<spikelet_t>?, _ pixels: UnsafePointer<UInt8>?, _ count: Int,
  _ image: UInt32, _ timesteps: Int32, _ deadline: UInt32,
  _ pace: UnsafeMutablePointer<spikelet_pace_t>?,
  _ decision: UnsafeMutablePointer<spikelet_decision_t>?
) -> spikelet_error_t {
  guard let engine = unsafe engine else { return Failure.nullPointer }
  if let failure = unsafe engine.pointee.failureToRun { return unsafe engine.fail(failure) }
  guard let pixels = unsafe pixels, let pace = unsafe pace, let clock = unsafe pace.pointee.clock
  else { return unsafe engine.fail(Failure.nullPointer) }
  do throws(SpikeletError) {
    var runner = try unsafe engine.pointee.makeEngine()
    var measured = unsafe pace.pointee.measured
    let result = try runner.run(
      input: unsafe picture(pixels, count), stream: Int(truncatingIfNeeded: image),
      timesteps: timesteps == 0 ? nil : Int(timesteps), until: deadline, pace: &measured
    ) { unsafe clock(pace.pointee.context) }
    unsafe pace.pointee.measured = measured
    unsafe engine.pointee.timestep = Int32(truncatingIfNeeded: runner.timestep)
    unsafe decision?.pointee = spikelet_decision_t(
      prediction: Int32(truncatingIfNeeded: result.prediction),
      timesteps: Int32(truncatingIfNeeded: result.timesteps), ending: result.ending.rawValue,
      late: result.late)
  } catch {
    return unsafe engine.fail(error)
  }
  return unsafe engine.succeed()
}

/// The caller's pixels. A count that no memory can hold is no picture's.
@_lifetime(borrow pixels)
private func picture(_ pixels: UnsafePointer<UInt8>, _ count: Int) -> Span<UInt8> {
  let count = count < 0 ? Int.max : count
  return unsafe Span(_unsafeStart: pixels, count: count)
}
