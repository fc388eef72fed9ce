using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using AMA.Grains.Interfaces.Control;
using NSec.Cryptography;

namespace AMA.Grains.Control.SignIn;

/// <summary>
/// Argon2id (RFC 9106) with 64 MiB, three passes, one lane: about 0.1 s of a core. On threads of its own, few and in
/// line, so that a storm of sign-ins neither stalls a silo's grains nor takes its memory.
/// </summary>
public sealed class PasswordHasher : IDisposable
{
    public const int SaltBytes = 16;
    public const int HashBytes = 32;

    private const int MemoryKiB = 64 << 10;
    private const int Passes = 3;
    private const int Threads = 2;

    /// <summary>Hashes in line: some 2 s of waiting. Beyond, sign-ins are put off.</summary>
    private const int WaitingMax = 32;

    private static readonly PasswordBasedKeyDerivationAlgorithm Argon2Id =
        PasswordBasedKeyDerivationAlgorithm.Argon2id(new Argon2Parameters
        {
            DegreeOfParallelism = 1, MemorySize = MemoryKiB, NumberOfPasses = Passes,
        });

    private readonly BlockingCollection<Job> _jobs = new(WaitingMax);
    private readonly Thread[] _threads;
    private long _hashed;

    public PasswordHasher()
    {
        _threads =
            [.. Enumerable.Range(0, Threads).Select(_ => new Thread(Work) { Name = "Argon2id", IsBackground = true })];
        foreach (var thread in _threads) thread.Start();
    }

    /// <summary>Hashes done since the start.</summary>
    public long Hashed => Interlocked.Read(ref _hashed);

    /// <summary>32 bytes. Throws <see cref="ControlException"/> (Unavailable) when too many wait.</summary>
    public Task<byte[]> HashAsync(string password, byte[] salt)
    {
        var job = new Job(Encoding.UTF8.GetBytes(password.Normalize(NormalizationForm.FormC)), salt);
        if (!_jobs.TryAdd(job))
            throw new ControlException(ControlRefusal.Unavailable, "Too many sign-ins at once; try again.");
        return job.Done.Task;
    }

    public void Dispose()
    {
        _jobs.CompleteAdding();
        foreach (var thread in _threads) thread.Join();
        _jobs.Dispose();
    }

    private void Work()
    {
        foreach (var job in _jobs.GetConsumingEnumerable())
        {
            try
            {
                job.Done.TrySetResult(Argon2Id.DeriveBytes(job.Password, job.Salt, HashBytes));
            }
            catch (Exception fault)
            {
                job.Done.TrySetException(fault);
            }
            CryptographicOperations.ZeroMemory(job.Password);
            Interlocked.Increment(ref _hashed);
        }
    }

    private sealed record Job(byte[] Password, byte[] Salt)
    {
        public TaskCompletionSource<byte[]> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
