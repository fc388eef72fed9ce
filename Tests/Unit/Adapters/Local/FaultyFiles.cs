using AMA.Adapters.Local;
using AMA.Archive.Blobs;
using Microsoft.Win32.SafeHandles;

namespace AMA.Tests.Unit.Adapters.Local;

public enum FileStep
{
    SyncFile,
    SyncDirectory,
    Replace,
    Rename,
}

/// <summary>
/// Real files whose durable steps are written down, and fail on demand with the errno given: the step then has no
/// effect, as when the kernel gives up on a page.
/// </summary>
public sealed class FaultyFiles : IDurableFiles
{
    private readonly DurableFiles _real = new();
    private readonly List<FileStep> _steps = [];

    /// <summary>errno for the n-th step (from 0) of all, or 0.</summary>
    public Func<FileStep, int, int> Errno { get; set; } = (_, _) => 0;

    public IReadOnlyList<FileStep> Steps
    {
        get
        {
            lock (_steps) return [.. _steps];
        }
    }

    public void Forget()
    {
        lock (_steps) _steps.Clear();
    }

    public void SyncFile(SafeFileHandle file)
    {
        Take(FileStep.SyncFile);
        _real.SyncFile(file);
    }

    public void SyncFile(string path)
    {
        Take(FileStep.SyncFile);
        _real.SyncFile(path);
    }

    public void SyncDirectory(string path)
    {
        Take(FileStep.SyncDirectory);
        _real.SyncDirectory(path);
    }

    public void Replace(string source, string target)
    {
        Take(FileStep.Replace);
        _real.Replace(source, target);
    }

    public bool TryRename(string source, string target)
    {
        Take(FileStep.Rename);
        return _real.TryRename(source, target);
    }

    private void Take(FileStep step)
    {
        int errno;
        lock (_steps)
        {
            errno = Errno(step, _steps.Count);
            _steps.Add(step);
        }
        if (errno != 0) throw new IOException($"{step}: planned errno {errno}", errno);
    }
}
