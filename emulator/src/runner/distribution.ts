import getPort from 'get-port';

/** `distribution` of a command job, as ARM carries it. */
export interface Distribution {
  readonly distributionType: string;
  readonly processCountPerInstance?: number | null;
  readonly workerCount?: number | null;
  readonly parameterServerCount?: number | null;
}

/** One process of a job. */
export interface ProcessPlan {
  /** Name of its log below `user_logs/`; the first one's is what clients follow. */
  readonly log: string;
  readonly env: Readonly<Record<string, string>>;
}

const HOST = '127.0.0.1';

/**
 * The processes of a job with the variables by which Azure ML tells each of them its place:
 * https://learn.microsoft.com/azure/machine-learning/how-to-train-distributed-gpu. All nodes are this machine.
 */
export async function planProcesses(
  distribution: Distribution | null | undefined,
  nodes: number,
): Promise<ProcessPlan[]> {
  switch (distribution?.distributionType.toLowerCase()) {
    case 'pytorch': {
      const port = await getPort({ host: HOST });
      return ranks(nodes, perNode(distribution)).map((rank) => torchProcess(rank, port));
    }
    case 'mpi':
      return ranks(nodes, perNode(distribution)).map(mpiProcess);
    case 'tensorflow':
      return tensorflowProcesses(distribution, nodes);
    default:
      return [{ log: 'std_log.txt', env: {} }];
  }
}

interface Rank {
  readonly rank: number;
  readonly local: number;
  readonly node: number;
  readonly perNode: number;
  readonly world: number;
}

function perNode({ processCountPerInstance }: Distribution): number {
  return Math.max(1, processCountPerInstance ?? 1);
}

function ranks(nodes: number, count: number): Rank[] {
  const world = nodes * count;
  return Array.from({ length: world }, (_, rank) => ({
    ...{ rank, world, perNode: count },
    local: rank % count,
    node: Math.floor(rank / count),
  }));
}

function logOf({ rank, world }: Rank): string {
  return `std_log_process_${String(rank).padStart(String(world - 1).length, '0')}.txt`;
}

function torchProcess(rank: Rank, port: number): ProcessPlan {
  return {
    log: logOf(rank),
    env: {
      ...{ MASTER_ADDR: HOST, MASTER_PORT: String(port), WORLD_SIZE: String(rank.world) },
      ...{ RANK: String(rank.rank), LOCAL_RANK: String(rank.local), NODE_RANK: String(rank.node) },
    },
  };
}

/** As Open MPI sets them; there is no `mpirun` underneath, so messages between processes are not carried. */
function mpiProcess(rank: Rank): ProcessPlan {
  return {
    log: logOf(rank),
    env: {
      OMPI_COMM_WORLD_SIZE: String(rank.world),
      OMPI_COMM_WORLD_RANK: String(rank.rank),
      OMPI_COMM_WORLD_LOCAL_SIZE: String(rank.perNode),
      OMPI_COMM_WORLD_LOCAL_RANK: String(rank.local),
      OMPI_COMM_WORLD_NODE_RANK: String(rank.local),
      AZ_BATCH_MASTER_NODE: `${HOST}:6105`,
      AZ_BATCHAI_MPI_MASTER_NODE: HOST,
    },
  };
}

async function tensorflowProcesses(distribution: Distribution, nodes: number): Promise<ProcessPlan[]> {
  const workers = distribution.workerCount ?? nodes;
  const servers = distribution.parameterServerCount ?? 0;
  const addresses = (count: number) =>
    Promise.all(Array.from({ length: count }, async () => `${HOST}:${await getPort({ host: HOST })}`));
  const cluster = { worker: await addresses(workers), ...(servers > 0 && { ps: await addresses(servers) }) };
  return Object.entries(cluster).flatMap(([type, all]) =>
    all.map((_, index) => ({
      log: `std_log_process_${index}${type === 'ps' ? '_ps' : ''}.txt`,
      env: { TF_CONFIG: JSON.stringify({ cluster, task: { type, index }, environment: 'cloud' }) },
    })),
  );
}
